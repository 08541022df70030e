"""`rising-bsm doctor`: what is here, what is missing, and the status that says so."""

from pathlib import Path

from support.program import Program


def test_here_everything_is(program: Program, tmp_path: Path) -> None:
    run = program("doctor", RISING_BSM_DATA=str(tmp_path / "data"))
    assert (run.status, run.err) == (0, "")
    assert run.out.splitlines()[-1] == "Everything needed is here."
    assert not (tmp_path / "data").exists()


def test_every_layer_of_the_jail_is_named(program: Program, tmp_path: Path) -> None:
    from rising_bsm.sandbox.jail import Layer

    said = program("doctor", "--json", RISING_BSM_DATA=str(tmp_path)).json
    names = {check["name"] for check in said["checks"]}
    assert {f"jail: {layer.value}" for layer in Layer} <= names
    assert {"python", "platform", "wasmtime", "guest", "cache", "database"} <= names


def test_a_database_that_cannot_be_used(program: Program) -> None:
    run = program("doctor", "--json", RISING_BSM_DATABASE_URL="mysql://x/y")
    assert (run.status, run.json["healthy"]) == (1, False)
    [database] = [check for check in run.json["checks"] if check["name"] == "database"]
    assert database["state"] == "missing"


def test_a_database_that_is_there_answers(program: Program, tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").touch()
    said = program("doctor", "--json", RISING_BSM_DATABASE_URL=f"sqlite:///{tmp_path / 'x.sqlite3'}").json
    assert [check["detail"] for check in said["checks"] if check["name"] == "database"] == ["sqlite answers"]


def test_an_empty_cache_is_no_illness(program: Program, tmp_path: Path) -> None:
    run = program("doctor", "--json", XDG_CACHE_HOME=str(tmp_path / "cache"), RISING_BSM_DATA=str(tmp_path))
    assert run.status == 0
    assert [check["state"] for check in run.json["checks"] if check["name"] == "cache"] == ["weak"]
