"""The shelf of hostile bundles: each with the code it must be refused with."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from rising_bsm.bundle import BundleError, BundleLimits, open_bundle
from support import hostile
from support.bundles import make_files, make_key, make_manifest, make_private_key, make_signed_bundle, trust
from support.hostile import Item, deflated, signed_zip, zip_of

AUTHOR, STRANGER, OTHER_PUBLISHER = make_private_key(1), make_private_key(2), make_private_key(3)
KEYS = [*trust(make_key(1)), *trust(make_key(3), "other")]
LIMITS = BundleLimits(
    bundle_bytes=60_000,
    files=8,
    unpacked_bytes=200_000,
    file_bytes=150_000,
    name_bytes=60,
    manifest_bytes=2_000,
    signature_bytes=20_000,
)
NOISE = bytes(range(256)) * 40
HIGHER_S = 2**252 + 27742317777372353535851937790883648493


def good(more: dict[str, bytes] | None = None, **manifest: Any) -> list[Item]:
    files = make_files(more) | {"manifest.json": make_manifest(**manifest).to_bytes()}
    return hostile.items_of(files)


def items(*extra: Item) -> list[Item]:
    """A good plugin's files and some more, in the order of an archive."""
    return sorted([*good(), *extra], key=lambda item: item.raw_name)


def one(name: str | bytes = "code/a.py", **changes: Any) -> list[Item]:
    return items(Item(name, **changes))


def link() -> list[Item]:
    return one(content=b"/etc/passwd", central={"external": 0o120777 << 16})


def raw_manifest(text: bytes) -> list[Item]:
    return [item for item in good() if item.name != "manifest.json"] + [Item("manifest.json", text)]


def manifest_with(old: bytes, new: bytes) -> list[Item]:
    return raw_manifest(make_manifest().to_bytes().replace(old, new, 1))


def signed(shipped: list[Item], **how: Any) -> bytes:
    return signed_zip(shipped, how.pop("key", AUTHOR), **how)


def unsigned_change(change: Callable[[list[Item]], list[Item]]) -> bytes:
    """A bundle that its author signed and somebody changed on the way."""
    return signed(good(), ship=change(good()))


def renamed(old: str, new: str) -> Callable[[list[Item]], list[Item]]:
    def change(shipped: list[Item]) -> list[Item]:
        for item in shipped:
            item.name = new if item.name == old else item.name
        return sorted(shipped, key=lambda item: item.raw_name)

    return change


def added(shipped: list[Item]) -> list[Item]:
    return sorted([Item(A), *shipped], key=lambda item: item.raw_name)


def swap_contents(shipped: list[Item]) -> list[Item]:
    shipped[0].content, shipped[1].content = shipped[1].content, shipped[0].content
    return shipped


def subject(index: int, **changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda statement: statement["subject"][index].update(changes)


def malleable(envelope: dict[str, Any]) -> bytes:
    """The same signature with the group's order added to its second half: equal modulo the order."""
    raw = base64.b64decode(envelope["signatures"][0]["sig"])
    second = int.from_bytes(raw[32:], "little") + HIGHER_S
    envelope["signatures"][0]["sig"] = base64.b64encode(raw[:32] + second.to_bytes(32, "little")).decode()
    return hostile.canonical(envelope)


def padding_bits(envelope: dict[str, Any]) -> bytes:
    """The same bytes in base64 whose last character carries bits that a decoder drops."""
    text = envelope["signatures"][0]["sig"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet[alphabet.index(text[-3]) ^ 1]
    envelope["signatures"][0]["sig"] = text[:-3] + last + text[-2:]
    return hostile.canonical(envelope)


def two_signatures(envelope: dict[str, Any]) -> bytes:
    stranger = hostile.envelope_of(base64.b64decode(envelope["payload"]), STRANGER)
    return hostile.canonical(envelope | {"signatures": envelope["signatures"] + stranger["signatures"]})


def duplicate_key(envelope: dict[str, Any]) -> bytes:
    return hostile.canonical(envelope).replace(b'{"payload"', b'{"payload":"","payload"', 1)


def loosely(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()


def always(text: bytes) -> Callable[[dict[str, Any]], bytes]:
    return lambda _: text


def archive_part(**changes: int) -> Callable[[dict[str, Any]], Any]:
    return lambda statement: statement["predicate"]["archive"].update(changes)


def changed(**changes: Any) -> Callable[[dict[str, Any]], bytes]:
    return lambda envelope: hostile.canonical(envelope | changes)


X = b"x = 1\n"
A = "code/a.py"


def many(count: int, size: int = 1, **how: Any) -> list[Item]:
    return [Item(f"code/m{number:03}.py", b"#" * size, **how) for number in range(count)]


SHELF: list[tuple[str, Callable[[], bytes], str]] = [
    # what is not an archive, or not the whole of it
    ("nothing", lambda: b"", "bundle.not_an_archive"),
    ("rubbish", lambda: b"hello", "bundle.not_an_archive"),
    ("no files", lambda: zip_of([]), "bundle.empty"),
    ("cut in the tail", lambda: zip_of(items())[:-5], "bundle.truncated"),
    ("cut in the directory", lambda: zip_of(items())[:-40], "bundle.truncated"),
    ("cut in a file", lambda: zip_of([Item(A, NOISE)])[:2000], "bundle.truncated"),
    ("cut in a header", lambda: zip_of(items())[:20], "bundle.truncated"),
    ("cut in a name", lambda: zip_of([Item(A)])[:33], "bundle.truncated"),
    ("cut after a folder's name", lambda: zip_of([Item(A)])[:35], "bundle.truncated"),
    ("bytes before", lambda: zip_of(items(), lead=b"#!/bin/sh\n"), "bundle.leading_data"),
    ("an archive before", lambda: zip_of(items()) + zip_of(items()), "bundle.trailing_data"),
    ("bytes after", lambda: zip_of(items(), trail=b"\0"), "bundle.trailing_data"),
    ("bytes between files", lambda: zip_of(one(gap=b"hidden")), "bundle.stray_bytes"),
    ("bytes before the directory", lambda: zip_of(items(), before_directory=b"hidden"), "bundle.stray_bytes"),
    ("bytes after the directory", lambda: zip_of(items(), before_end=b"hidden"), "bundle.directory_mismatch"),
    # names
    ("parent", lambda: zip_of(one("code/../../evil.py")), "bundle.unsafe_path"),
    ("parent at the end", lambda: zip_of(one("code/..")), "bundle.unsafe_path"),
    ("absolute", lambda: zip_of(one("/etc/passwd")), "bundle.unsafe_path"),
    ("drive letter", lambda: zip_of(one("C:/evil.py")), "bundle.unsafe_path"),
    ("alternate stream", lambda: zip_of(one("code/a.py:evil")), "bundle.unsafe_path"),
    ("backslash", lambda: zip_of(one("code\\..\\evil.py")), "bundle.unsafe_path"),
    ("dot segment", lambda: zip_of(one("code/./a.py")), "bundle.unsafe_path"),
    ("empty segment", lambda: zip_of(one("code//a.py")), "bundle.unsafe_path"),
    ("NUL", lambda: zip_of(one("code/a.py\0.txt")), "bundle.unsafe_path"),
    ("newline", lambda: zip_of(one("code/a\n.py")), "bundle.unsafe_path"),
    ("terminal escape", lambda: zip_of(one("code/\x1b[2J.py")), "bundle.unsafe_path"),
    ("right-to-left", lambda: zip_of(one("code/\u202eyp.exe")), "bundle.unsafe_path"),
    ("only a full-width slash", lambda: zip_of(one("code/a\uff0fb.py")), "bundle.unsafe_path"),
    ("full-width slash", lambda: zip_of(one("code/a\uff0f..\uff0fb.py")), "bundle.unsafe_path"),
    ("two dots in one character", lambda: zip_of(one("code/\u2025/a.py")), "bundle.unsafe_path"),
    ("no name", lambda: zip_of(one("")), "bundle.unsafe_path"),
    ("decomposed", lambda: zip_of(one("code/e\u0301.py")), "bundle.name_not_nfc"),
    ("not UTF-8", lambda: zip_of(one(b"code/\xff.py")), "bundle.name_encoding"),
    ("not marked as UTF-8", lambda: zip_of(one(local={"flags": 0})), "bundle.name_encoding"),
    ("long name", lambda: zip_of(one("code/" + "a" * 60)), "bundle.name_too_long"),
    ("deep name", lambda: zip_of(one("code" + "/a" * 20)), "bundle.name_too_long"),
    ("device", lambda: zip_of(one("code/aux.py")), "bundle.reserved_name"),
    ("device in another case", lambda: zip_of(one("code/Com1.tar/a.py")), "bundle.reserved_name"),
    ("device with a superscript", lambda: zip_of(one("code/lpt\u00b9.py")), "bundle.reserved_name"),
    ("trailing dot", lambda: zip_of(one("code/a.py.")), "bundle.reserved_name"),
    ("trailing space", lambda: zip_of(one("code/a /b.py")), "bundle.reserved_name"),
    ("wildcard", lambda: zip_of(one("code/a*.py")), "bundle.reserved_name"),
    ("duplicate", lambda: zip_of(items(Item(A), Item(A, b"y = 2\n"))), "bundle.duplicate_file"),
    ("other case", lambda: zip_of(items(Item("code/A.py"), Item(A))), "bundle.name_collision"),
    ("sharp s", lambda: zip_of(items(Item("code/ss.py"), Item("code/\u00df.py"))), "bundle.name_collision"),
    ("full width", lambda: zip_of(items(Item(A), Item("code/\uff41.py"))), "bundle.name_collision"),
    ("folder in other case", lambda: zip_of(items(Item("code/B/x.py"), Item("code/b/y.py"))), "bundle.name_collision"),
    ("file and folder", lambda: zip_of(items(Item("code/a"), Item("code/a/b.py"))), "bundle.file_and_folder"),
    ("folder entry", lambda: zip_of(one("code/a/", content=b"")), "bundle.directory_entry"),
    ("wrong order", lambda: zip_of([*items(), Item(A)]), "bundle.order"),
    ("signature not last", lambda: zip_of([Item("signatures/author.json"), *items()]), "bundle.order"),
    # records
    ("symbolic link", lambda: zip_of(link()), "bundle.link"),
    ("executable", lambda: zip_of(one(central={"external": 0o100755 << 16})), "bundle.fixed_field"),
    ("encrypted", lambda: zip_of(one(local={"flags": 0x0801})), "bundle.encrypted"),
    ("encrypted in the directory only", lambda: zip_of(one(central={"flags": 0x0801})), "bundle.encrypted"),
    ("strongly encrypted", lambda: zip_of(one(local={"flags": 0x0840})), "bundle.encrypted"),
    ("data descriptor", lambda: zip_of(one(local={"flags": 0x0808})), "bundle.data_descriptor"),
    ("unknown flag", lambda: zip_of(one(local={"flags": 0x0810})), "bundle.fixed_field"),
    ("bzip2", lambda: zip_of(one(local={"method": 12})), "bundle.method"),
    ("extra field", lambda: zip_of(one(extra=b"\1\0\0\0")), "bundle.extra_field"),
    ("extra field in the directory", lambda: zip_of(one(central_extra=b"\1\0\0\0")), "bundle.extra_field"),
    ("file comment", lambda: zip_of(one(central_comment=b"hi")), "bundle.comment"),
    ("archive comment", lambda: zip_of(items(), end_comment=b"hi"), "bundle.comment"),
    ("64-bit sizes", lambda: zip_of(one(local={"version": 45, "size": 0xFFFFFFFF})), "bundle.zip64"),
    ("64-bit end", lambda: zip_of(items(), before_end=b"PK\x06\x06" + bytes(52)), "bundle.zip64"),
    ("time", lambda: zip_of(one(local={"time": 1})), "bundle.fixed_field"),
    ("time in the directory only", lambda: zip_of(one(central={"date": 0x22})), "bundle.fixed_field"),
    ("version", lambda: zip_of(one(local={"version": 10})), "bundle.fixed_field"),
    ("made elsewhere", lambda: zip_of(one(central={"made_by": 20})), "bundle.fixed_field"),
    ("text flag", lambda: zip_of(one(central={"internal": 1})), "bundle.fixed_field"),
    ("another disk", lambda: zip_of(one(central={"disk": 1})), "bundle.directory_mismatch"),
    ("another offset", lambda: zip_of(one(central={"offset": 0})), "bundle.directory_mismatch"),
    ("another size in the directory", lambda: zip_of(one(central={"size": 7})), "bundle.directory_mismatch"),
    ("another name in the directory", lambda: zip_of(one(central_name=b"code/b.py")), "bundle.directory_mismatch"),
    ("not in the directory", lambda: zip_of(one(in_directory=False)), "bundle.directory_mismatch"),
    ("last not in the directory", lambda: zip_of(one("ui/z", in_directory=False)), "bundle.directory_mismatch"),
    ("wrong count", lambda: zip_of(items(), end={"entries": 1}), "bundle.directory_mismatch"),
    ("directory elsewhere", lambda: zip_of(items(), end={"directory_offset": 0}), "bundle.directory_mismatch"),
    # contents of files: signed by the author, so that they are unpacked at all
    ("wrong checksum", lambda: signed(one(local={"crc": 1})), "bundle.checksum_mismatch"),
    ("more than declared", lambda: signed(one(content=NOISE, deflate=True, local={"size": 9})), "bundle.size_mismatch"),
    (
        "less than declared",
        lambda: signed(one(content=NOISE, deflate=True, local={"size": 11_000})),
        "bundle.size_mismatch",
    ),
    ("stored with two sizes", lambda: zip_of(one(local={"size": 9})), "bundle.size_mismatch"),
    ("not deflate", lambda: signed(one(deflate=True, packed=b"\xff" * 9)), "bundle.deflate"),
    ("deflate without end", lambda: signed(one(deflate=True, packed=deflated(X)[:-1])), "bundle.deflate"),
    (
        "bytes after deflate",
        lambda: signed(one(deflate=True, packed=deflated(X) + b"!")),
        "bundle.deflate_trailing",
    ),
    # limits
    ("too large", lambda: zip_of(items()) + bytes(60_000), "bundle.too_large"),
    ("too many files", lambda: zip_of(many(9)), "bundle.too_many_files"),
    ("large file", lambda: zip_of(many(1, 150_001, deflate=True)), "bundle.file_too_large"),
    ("bomb", lambda: zip_of(many(1, 149_000, deflate=True)), "bundle.compression_ratio"),
    ("many small ones", lambda: zip_of(many(6, 10_000_000, packed=NOISE[:2000])), "bundle.file_too_large"),
    ("together too large", lambda: zip_of(big_together()), "bundle.unpacked_too_large"),
    # signatures
    ("unsigned", lambda: zip_of(items()), "bundle.unsigned"),
    ("a stranger's key", lambda: signed(good(), key=STRANGER), "bundle.untrusted_key"),
    ("a stranger in the author's name", lambda: signed(good(), key=STRANGER, key_id=ID), "bundle.bad_signature"),
    ("key of another publisher", lambda: signed(good(), key=OTHER_PUBLISHER), "bundle.key_of_other_publisher"),
    ("malleable signature", lambda: signed(good(), write=malleable), "bundle.bad_signature"),
    ("base64 with padding bits", lambda: signed(good(), write=padding_bits), "bundle.envelope"),
    ("base64 that is none", lambda: signed(good(), write=changed(payload="é")), "bundle.envelope"),
    ("two signatures", lambda: signed(good(), write=two_signatures), "bundle.envelope"),
    ("no signature", lambda: signed(good(), write=changed(signatures=[])), "bundle.envelope"),
    ("another payload type", lambda: signed(good(), write=changed(payloadType="text/plain")), "bundle.envelope"),
    ("unknown field", lambda: signed(good(), write=changed(extra=1)), "bundle.envelope"),
    ("another payload", lambda: signed(good(), write=changed(payload="e30=")), "bundle.bad_signature"),
    ("white space", lambda: signed(good(), write=loosely), "bundle.json_not_canonical"),
    ("duplicate key", lambda: signed(good(), write=duplicate_key), "bundle.json"),
    ("not JSON", lambda: signed(good(), write=always(b"\xff")), "bundle.json"),
    ("nested JSON", lambda: signed(good(), write=always(b"[" * 15_000)), "bundle.json"),
    ("half a surrogate", lambda: signed(good(), write=always(b'"\\ud800"')), "bundle.json"),
    ("large signature", lambda: signed(good(), write=always(b" " * 20_001)), "bundle.envelope"),
    ("compressed signature", lambda: signed(good(), signature=compressed_signature), "bundle.envelope"),
    (
        "another signature file",
        lambda: signed(good(), signature=another_signature),
        "bundle.unexpected_file",
    ),
    # changed after signing
    ("file added", lambda: unsigned_change(added), "bundle.unlisted_file"),
    ("file removed", lambda: unsigned_change(lambda s: s[1:]), "bundle.missing_file"),
    ("file renamed", lambda: unsigned_change(renamed("README.md", "LICENSE")), "bundle.renamed_file"),
    ("contents swapped", lambda: unsigned_change(swap_contents), "bundle.tampered"),
    ("compressed again", lambda: unsigned_change(recompressed), "bundle.tampered"),
    # a trusted author who lies
    ("wrong digest", lambda: signed(good(), lie=subject(0, digest={"sha256": "0" * 64})), "bundle.digest_mismatch"),
    ("wrong size", lambda: signed(good(), lie=subject(0, annotations={"size": 1})), "bundle.digest_mismatch"),
    ("listed twice", lambda: signed(good(), lie=lambda s: s["subject"].append(s["subject"][0])), "bundle.statement"),
    ("listed in disorder", lambda: signed(good(), lie=lambda s: s["subject"].reverse()), "bundle.statement"),
    ("no version", lambda: signed(good(), lie=lambda s: s["predicate"].pop("version")), "bundle.statement"),
    (
        "negative length",
        lambda: signed(good(), lie=archive_part(length=-1)),
        "bundle.statement",
    ),
    (
        "shorter prefix",
        lambda: signed(good(), lie=archive_part(length=9)),
        "bundle.tampered",
    ),
    ("spelled loosely", lambda: signed(good(), spell=loosely), "bundle.json_not_canonical"),
    ("another version", lambda: signed(good(version="1.0.1")), "bundle.wrong_identity"),
    ("another plugin", lambda: signed(good(name="other")), "bundle.wrong_identity"),
    ("another's plugin", lambda: signed(good(publisher="other")), "bundle.wrong_identity"),
    # what is in it
    ("file at the root", lambda: signed(one("setup.py")), "bundle.unexpected_file"),
    ("folder at the root", lambda: signed(one("data/x.txt")), "bundle.unexpected_file"),
    ("no manifest", lambda: signed([Item(A)]), "bundle.no_manifest"),
    ("large manifest", lambda: signed(raw_manifest(b" " * 2_001)), "bundle.manifest_too_large"),
    ("manifest with white space", lambda: signed(manifest_with(b":", b": ")), "bundle.json_not_canonical"),
    ("manifest with a duplicate", lambda: signed(manifest_with(b"{", b'{"name":"a",')), "bundle.json"),
    ("manifest with NaN", lambda: signed(manifest_with(b'"format":1', b'"format":NaN')), "bundle.json"),
    ("manifest with a fraction", lambda: signed(manifest_with(b'"format":1', b'"format":1.0')), "bundle.json"),
    ("manifest with true for 1", lambda: signed(manifest_with(b'"format":1', b'"format":true')), "bundle.manifest"),
    ("manifest of no format", lambda: signed(manifest_with(b'"format":1', b'"format":2')), "bundle.manifest"),
    ("manifest that is a list", lambda: signed(raw_manifest(b"[]")), "bundle.manifest"),
    ("compiled Python", lambda: signed(one("code/a.pyc")), "bundle.forbidden_file"),
    ("path file", lambda: signed(one("code/a.PTH")), "bundle.forbidden_file"),
    ("native code", lambda: signed(one("code/a.so")), "bundle.forbidden_file"),
    ("native code by another name", lambda: signed(one("code/a.txt", content=b"\x7fELF\2")), "bundle.forbidden_file"),
    ("archive in the archive", lambda: signed(one("code/a.zip")), "bundle.forbidden_file"),
    (
        "archive by another name",
        lambda: signed(one("code/a.bin", content=b"PK\3\4")),
        "bundle.forbidden_file",
    ),
    ("source in Latin-1", lambda: signed(one(content=b"# \xe9\n")), "bundle.not_text"),
    ("source with a NUL", lambda: signed(one(content=b"x = 1\0\n")), "bundle.not_text"),
    ("module json", lambda: signed(one("code/json.py")), "bundle.shadows_module"),
    ("package json", lambda: signed(one("code/json/data.txt")), "bundle.shadows_module"),
    ("module of Python 3.14", lambda: signed(one("code/annotationlib.py")), "bundle.shadows_module"),
    ("module of Python 3.11", lambda: signed(one("code/cgi.py")), "bundle.shadows_module"),
    ("the SDK", lambda: signed(one("code/rising_bsm_sdk/__init__.py")), "bundle.shadows_module"),
    ("main is the SDK", lambda: signed(good(main="rising_bsm_sdk:Plugin")), "bundle.shadows_module"),
    ("main is not there", lambda: signed(good(main="acme_other:Hello")), "bundle.main_missing"),
]
ID = trust(make_key(1))[0].public_key.key_id


def big_together() -> list[Item]:
    return [Item(f"code/m{number}.txt", NOISE * 9, deflate=True, packed=NOISE[:2000]) for number in range(3)]


def compressed_signature(data: bytes) -> Item:
    return Item("signatures/author.json", data, deflate=True)


def another_signature(data: bytes) -> Item:
    return Item("signatures/x", data)


def recompressed(shipped: list[Item]) -> list[Item]:
    for item in shipped:
        item.deflate = True
    return shipped


@pytest.mark.parametrize(("build", "code"), [row[1:] for row in SHELF], ids=[row[0] for row in SHELF])
def test_each_hostile_bundle_is_refused_with_its_own_code(build: Callable[[], bytes], code: str) -> None:
    with pytest.raises(BundleError) as refusal:
        open_bundle(build(), KEYS, LIMITS)
    assert refusal.value.code == code
    assert refusal.value.message.endswith(".")
    assert refusal.value.place
    assert refusal.value.place.isprintable()
    assert refusal.value.next_step


def test_the_attackers_tool_makes_bundles_that_open_when_nothing_is_wrong_with_them() -> None:
    bundle = open_bundle(signed(good()), KEYS, LIMITS)
    assert bundle.manifest.id == "acme.hello"
    assert open_bundle(signed(one()), KEYS, LIMITS).code["a.py"] == b"x = 1\n"
    assert open_bundle(signed(one(deflate=True)), KEYS, LIMITS).code["a.py"] == b"x = 1\n"
    assert open_bundle(make_signed_bundle(), KEYS, LIMITS).files == bundle.files


def test_the_shelf_is_long_and_has_no_row_twice() -> None:
    assert len(SHELF) >= 40
    assert len({row[0] for row in SHELF}) == len(SHELF)
