"""Signing a bundle, and checking one as an instance does, step by step."""

import re
from pathlib import Path

import pytest

from rising_bsm.bundle.archive import read_archive, write_archive
from rising_bsm.bundle.build import pack
from rising_bsm.bundle.keys import PublicKey, SigningKey, TrustedKey
from rising_bsm.bundle.signing import sign
from rising_bsm.bundle.verify import open_bundle
from rising_bsm.cli.steps import STEPS, failed_step
from rising_bsm.errors import Error
from support.bundles import make_bundle, make_manifest
from support.program import Program

BUNDLE_ROOM = Path(__file__).parents[2] / "src/rising_bsm/bundle"
SIGNATURE = "signatures/author.json"


@pytest.fixture
def bundle(program: Program) -> Path:
    path = program.cwd / "hello.rbsm"
    path.write_bytes(make_bundle())
    return path


def public_key(program: Program, publisher: str = "acme") -> str:
    return str(program("keys", "generate", publisher, "--json").json["public_key"])


def test_signed_with_the_publishers_key_and_verified(program: Program, bundle: Path) -> None:
    public_key(program)
    assert program("sign", "hello.rbsm").status == 0
    run = program("verify", "hello.rbsm")
    assert run.status == 0
    ticks = [line for line in run.out.splitlines() if line.startswith("✓")]
    assert ticks == [f"✓ ({number}) {sentence}" for number, sentence in enumerate(STEPS, 1)]
    assert "acme.hello 1.0.0, 3 files" in run.out


def test_the_same_as_json(program: Program, bundle: Path) -> None:
    key = public_key(program)
    program("sign", "hello.rbsm", "--output", "signed.rbsm")
    said = program("verify", "signed.rbsm", "--key", key, "--json").json
    assert said["verified"] is True
    assert said["key_id"] == PublicKey.parse(key).key_id
    assert (said["id"], said["version"], said["files"]) == ("acme.hello", "1.0.0", 3)
    assert program("verify", "hello.rbsm", "--json").json["error"]["code"] == "bundle.unsigned"


def test_signing_with_a_key_in_a_file_that_has_a_passphrase(program: Program, bundle: Path) -> None:
    SigningKey.generate().to_file(program.cwd / "mine.pem", "open sesame")
    run = program("sign", "hello.rbsm", "--key", "mine.pem", stdin="wrong\n")
    assert (run.status, "[key." in run.err) == (1, True)
    assert program("sign", "hello.rbsm", "--key", "mine.pem", RISING_BSM_PASSPHRASE="open sesame").status == 0


def test_no_key_to_sign_with(program: Program, bundle: Path) -> None:
    run = program("sign", "hello.rbsm")
    assert run.status == 1
    assert "[keyring.no_such_key]" in run.err
    assert "rising-bsm keys generate acme" in run.err
    assert bundle.read_bytes() == make_bundle()


def test_a_key_of_somebody_else_is_refused_at_its_step(program: Program, bundle: Path) -> None:
    public_key(program)
    program("sign", "hello.rbsm")
    stranger = str(SigningKey.generate().public_key)
    run = program("verify", "hello.rbsm", "--key", stranger)
    assert run.status == 1
    assert run.out.splitlines()[-1] == f"✗ (4) {STEPS[3]}"
    assert "[bundle.untrusted_key]" in run.err


def test_a_key_is_trusted_for_its_publisher_only(program: Program, bundle: Path) -> None:
    key = public_key(program, "other")
    program("sign", "hello.rbsm", "--key", "other")
    assert "[bundle.key_of_other_publisher]" in program("verify", "hello.rbsm").err
    assert program("keys", "trust", "acme", key).status == 0
    assert program("verify", "hello.rbsm").status == 0


@pytest.mark.parametrize("command", ["sign", "verify"])
def test_a_file_that_is_no_bundle(program: Program, command: str) -> None:
    (program.cwd / "x.rbsm").write_bytes(b"nonsense")
    run = program(command, "x.rbsm")
    assert (run.status, "[bundle.not_an_archive]" in run.err) == (1, True)
    run = program(command, "gone.rbsm")
    assert (run.status, "[cli.no_such_bundle]" in run.err) == (1, True)


def hostile(name: str, key: SigningKey) -> bytes:
    good = sign(make_bundle(), key)
    files = read_archive(good)
    code = "code/acme_hello/__init__.py"
    return {
        "nothing": b"",
        "cut short": good[:-1],
        "unsigned": make_bundle(),
        "no envelope": write_archive({**files, SIGNATURE: b"{}"}),
        "not canonical": write_archive({**files, SIGNATURE: files[SIGNATURE] + b"\n"}),
        "other signature": write_archive({**files, "signatures/other.json": b"{}"}),
        "stranger": sign(make_bundle(), SigningKey.generate()),
        "other plugin": sign(pack(make_manifest(publisher="other"), {code: files[code]}), key),
        "one more file": write_archive({**files, "code/more.py": b""}),
        "one file less": write_archive({name: data for name, data in files.items() if name != code}),
        "other content": write_archive({**files, code: b"x = 1\n"}),
    }[name]


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("nothing", 2),
        ("cut short", 2),
        ("unsigned", 3),
        ("no envelope", 3),
        ("not canonical", 3),
        ("other signature", 3),
        ("stranger", 4),
        ("other plugin", 5),
        ("one more file", 6),
        ("one file less", 6),
        ("other content", 6),
    ],
)
def test_each_refusal_is_shown_at_its_step(name: str, step: int) -> None:
    key = SigningKey.generate()
    data = hostile(name, key)
    with pytest.raises(Error) as caught:
        open_bundle(data, [TrustedKey("acme", key.public_key)])
    assert failed_step(data, caught.value) == step


def test_the_steps_are_those_of_open_bundle() -> None:
    code = (BUNDLE_ROOM / "verify.py").read_text()
    assert max(int(number) for number in re.findall(r"\((\d)\)", code)) == len(STEPS)
