"""Factories for bundles: a test says what it needs and gets a good one of everything else."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rising_bsm.bundle import Manifest, SigningKey, TrustedKey, pack, sign
from rising_bsm.bundle.manifest import make_manifest as manifest_of
from rising_bsm.errors import InvalidInput

MODULE = b"class Hello:\n    pass\n"


def refusal(call: Callable[..., object], *args: Any) -> str | None:
    """The code that a call is refused with, or None when it is not."""
    try:
        call(*args)
    except InvalidInput as error:
        return error.code
    return None


def make_manifest(**changes: Any) -> Manifest:
    values = {
        "publisher": "acme",
        "name": "hello",
        "version": "1.0.0",
        "display_name": "Hello",
        "description": "Greets.",
        "license": "MIT",
        "type": "mixed",
        "main": "acme_hello:Hello",
        "host": ">=0.1,<1",
    }
    return manifest_of(values | changes)


def make_files(more: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    return {"code/acme_hello/__init__.py": MODULE, "README.md": b"# Hello\n", **(more or {})}


def make_private_key(seed: int = 1) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def make_key(seed: int = 1) -> SigningKey:
    return SigningKey(make_private_key(seed))


def trust(key: SigningKey, *publishers: str) -> list[TrustedKey]:
    return [TrustedKey(publisher, key.public_key) for publisher in publishers or ("acme",)]


def make_bundle(*, manifest: Manifest | None = None, files: Mapping[str, bytes] | None = None) -> bytes:
    return pack(manifest or make_manifest(), make_files() if files is None else files)


def make_signed_bundle(
    *, key: SigningKey | None = None, manifest: Manifest | None = None, files: Mapping[str, bytes] | None = None
) -> bytes:
    return sign(make_bundle(manifest=manifest, files=files), key or make_key())


def make_project(folder: Path, *, project: str = "", tool: str = "", files: Mapping[str, str] | None = None) -> Path:
    """A plugin's folder; `project` and `tool` are lines that go into (or replace a key of) the two tables."""
    lines = {
        "project": {
            "name": '"hello"',
            "version": '"1.0.0"',
            "description": '"Greets."',
            "license": '"MIT"',
        },
        "tool.rising-bsm": {
            "publisher": '"acme"',
            "display-name": '"Hello"',
            "type": '"mixed"',
            "main": '"acme_hello:Hello"',
            "host": '">=0.1,<1"',
        },
    }
    for table, changes in (("project", project), ("tool.rising-bsm", tool)):
        for line in filter(None, map(str.strip, changes.splitlines())):
            key, _, value = line.partition("=")
            lines[table][key.strip()] = value.strip()
    text = "\n".join(
        f"[{table}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value)
        for table, keys in lines.items()
    )
    for name, content in {"pyproject.toml": text, **(files or {"src/acme_hello/__init__.py": MODULE.decode()})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def make_wheel(
    folder: Path,
    name: str,
    *,
    version: str = "1.0",
    files: Mapping[str, bytes] | None = None,
    requires: Sequence[str] = (),
    tag: str = "py3-none-any",
    record: Sequence[str] = (),
) -> Path:
    """A wheel; `record` are further lines of its RECORD, which need not be true."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    contents = {
        **({f"{module}.py": b"x = 1\n"} if files is None else files),
        f"{info}/METADATA": (metadata + "".join(f"Requires-Dist: {line}\n" for line in requires)).encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        f"{info}/entry_points.txt": f"[console_scripts]\n{module}=os:getcwd\n".encode(),
        f"{info}/licenses/LICENSE": f"Licence of {name}\n".encode(),
    }
    lines = [*(f"{path},," for path in contents), f"{info}/RECORD,,", *record]
    path = folder / f"{module}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in {**contents, f"{info}/RECORD": "\n".join(lines).encode()}.items():
            archive.writestr(member, content)
    return path
