"""Keys: made, listed, trusted, and never readable by others."""

import json
import stat
from pathlib import Path

import pytest

from rising_bsm.bundle.keys import PublicKey, SigningKey
from support.program import Program

PRIVATE = 0o077


def make_key() -> str:
    return str(SigningKey.generate().public_key)


def modes_below(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) & PRIVATE for path in [folder, *folder.rglob("*")]}


def test_a_key_is_made_and_listed(program: Program) -> None:
    made = program("keys", "generate", "acme", "--json").json
    assert PublicKey.parse(made["public_key"]).key_id == made["key_id"]
    [listed] = program("keys", "list", "--json").json["own"]
    assert listed == {"name": "acme", "public_key": made["public_key"], "key_id": made["key_id"]}
    assert made["public_key"] in program("keys", "list").out


def test_nobody_else_can_read_what_is_kept(program: Program) -> None:
    program.config.mkdir(mode=0o755)
    program("keys", "generate", "acme")
    program("keys", "trust", "acme", make_key())
    files = {path.name: path for path in program.config.rglob("*")}
    assert {"acme.pem", "acme.pub", "trusted.json"} <= set(files)
    assert modes_below(program.config) == {0}


def test_a_key_is_never_written_over(program: Program) -> None:
    first = program("keys", "generate", "acme", "--json").json
    run = program("keys", "generate", "acme")
    assert run.status == 1
    assert "[key.exists]" in run.err
    assert program("keys", "list", "--json").json["own"][0]["public_key"] == first["public_key"]


@pytest.mark.parametrize("name", ["../acme", "Acme", "", "a b", "acme/x", "a" * 41])
def test_a_name_that_no_publisher_has(program: Program, name: str) -> None:
    run = program("keys", "generate", name)
    assert run.status == 1
    assert "[cli.bad_publisher]" in run.err
    assert not program.config.exists()


def test_a_passphrase_protects_the_private_key(program: Program) -> None:
    assert program("keys", "generate", "acme", "--passphrase", RISING_BSM_PASSPHRASE="open sesame").status == 0
    path = program.config / "keys" / "acme.pem"
    assert "ENCRYPTED" in path.read_text()
    assert SigningKey.from_file(path, "open sesame")


def test_nobody_there_to_type_a_passphrase(program: Program) -> None:
    run = program("keys", "generate", "acme", "--passphrase")
    assert run.status == 1
    assert "RISING_BSM_PASSPHRASE" in run.err
    assert not (program.config / "keys" / "acme.pem").exists()


def test_keys_are_trusted_each_for_its_publisher(program: Program) -> None:
    first, second = make_key(), make_key()
    (program.cwd / "second.pub").write_text(second + "\n")
    assert program("keys", "trust", "acme", first).status == 0
    assert program("keys", "trust", "acme", first).status == 0
    assert program("keys", "trust", "other", "second.pub").status == 0
    trusted = program("keys", "list", "--json").json["trusted"]
    assert [(row["publisher"], row["public_key"]) for row in trusted] == [("acme", first), ("other", second)]


@pytest.mark.parametrize("text", ["nonsense", "rbsm-ed25519:AAAA", "rbsm-ed25519:" + "A" * 43 + "="])
def test_a_public_key_that_is_none(program: Program, text: str) -> None:
    run = program("keys", "trust", "acme", text)
    assert run.status == 1
    assert "[key." in run.err
    assert not program.config.exists()


@pytest.mark.parametrize("content", ["{", "{}x", "[[1]]", '[["acme", "nonsense"]]', "3"])
def test_a_damaged_keyring_is_named(program: Program, content: str) -> None:
    program.config.mkdir()
    (program.config / "trusted.json").write_text(content)
    run = program("keys", "list", "--json")
    assert run.status == 1
    error = json.loads(run.out)["error"]
    assert error["code"] == "keyring.damaged"
    assert error["place"].endswith("trusted.json")
