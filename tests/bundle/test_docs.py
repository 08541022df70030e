import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from rising_bsm import bundle
from rising_bsm.bundle import BundleLimits, verify
from rising_bsm.bundle.schema import json_schema_text

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/bundle.md").read_text(encoding="utf-8")
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in Path(bundle.__path__[0]).glob("*.py")}
CODE = re.compile(r'"((?:bundle|key|project)\.[a-z0-9_]+)"')


def test_the_published_schema_is_the_one_in_force() -> None:
    assert (ROOT / "docs/reference/manifest.schema.json").read_text(encoding="utf-8") == json_schema_text()


def test_the_schema_can_be_printed() -> None:
    command = [sys.executable, "-W", "error", "-m", "rising_bsm.bundle.schema"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert done.stdout == json_schema_text()


def test_every_code_is_in_the_reference_once_and_no_other() -> None:
    raised = {code for source in SOURCES.values() for code in CODE.findall(source)}
    listed = re.findall(r"^\| `((?:bundle|key|project)\.[a-z0-9_]+)` \|", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(raised)


def test_every_code_is_met_in_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    raised = {code for source in SOURCES.values() for code in CODE.findall(source)}
    assert raised <= set(CODE.findall(tests))


def test_the_limits_are_those_in_the_reference() -> None:
    listed = re.findall(r"^\| `([a-z_]+)`[^|]*\| ([0-9,]+) \|$", PAGE, re.MULTILINE)
    assert {name: int(value.replace(",", "")) for name, value in listed} == asdict(BundleLimits())


def test_the_steps_of_verification_are_numbered_as_in_the_reference() -> None:
    steps = PAGE.partition("## Verification")[2].partition("## Refusals")[0]
    numbers = re.findall(r"^(\d+)\. ", steps, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 10)]
    assert re.findall(r"\((\d)\)", Path(str(verify.__file__)).read_text(encoding="utf-8")) == numbers


def test_everything_that_is_exported_is_there_and_listed_once() -> None:
    assert bundle.__all__ == sorted(set(bundle.__all__))
    assert all(hasattr(bundle, name) for name in bundle.__all__)
