"""Letting `pip` choose and unpack the pure-Python wheels that a plugin needs in the sandbox."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rising_bsm.bundle.errors import BundleError

DEPENDENCIES = "pyproject.toml: [project] dependencies"

# What markers such as `; python_version < "3.12"` see in the sandbox.
_SANDBOX = {
    "implementation_name": "cpython",
    "implementation_version": "3.14.0",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "wasi",
    "platform_version": "",
    "python_full_version": "3.14.0",
    "python_version": "3.14",
    "sys_platform": "wasi",
}
# Two things that no option of `pip` does. It asks the machine it runs on for markers, so that the same source would
# make another bundle on another machine. And it builds, by running them, dependencies that another one names by their
# address. A `pip` in which these two names are gone fails here, aloud.
_RUN_PIP = """
import json, runpy, sys
from pip._vendor.packaging import markers, requirements

environment = json.loads(sys.argv.pop(1))
parse = requirements.Requirement.__init__

def parse_without_address(self, text):
    parse(self, text)
    if self.url:
        sys.exit(f"ERROR: {self.name} is required by its address, {self.url}; only names and versions are allowed")

markers.default_environment.__call__
markers.default_environment = lambda: dict(environment)
requirements.Requirement.__init__ = parse_without_address
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""
_OPTIONS = (
    *("install", "--no-compile", "--only-binary=:all:", "--python-version=3.14"),
    *("--implementation=py", "--abi=none", "--platform=any"),
    *("--disable-pip-version-check", "--no-input", "--quiet"),
)
_NOT_FOUND = re.compile(r"No matching distribution found for (.+?)(?: \(from (.+)\))?$", re.MULTILINE)
_ADDRESS = re.compile(r"ERROR: (.+ is required by its address, .+)$", re.MULTILINE)
_SKIPPED = re.compile(r"Skipping link: (?:No sources permitted|none of the wheel's tags).*/([^/\s]+)$", re.MULTILINE)


def install_wheels(requirements: Sequence[str], target: Path, log: Path) -> None:
    """Unpack pure-Python wheels that meet the requirements below `target`; `BundleError` where there are none.

    The author's own settings for `pip` (which index, which proxy) are in force. `log` is where `pip` writes its log.
    """
    # -P: a file pip.py in the author's folder is not `pip`.
    command = [sys.executable, "-P", "-c", _RUN_PIP, json.dumps(_SANDBOX), *_OPTIONS]
    command += ["--target", str(target), "--log", str(log), "--", *requirements]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603 - no shell, `--` before names
    if done.returncode == 0:
        return
    if missing := _NOT_FOUND.search(done.stderr):
        raise _not_found(missing, log.read_text(encoding="utf-8", errors="replace"))
    if address := _ADDRESS.search(done.stderr):
        raise _refused("bundle.dependency_address", address[1], "Depend on something that is published by name.")
    sentence = f"The dependencies cannot be chosen: {_last_error(done.stderr)}"
    raise _refused("bundle.vendor_failed", sentence, "Run `pip install` with the same dependencies to see more.")


def _not_found(missing: re.Match[str], log: str) -> BundleError:
    name = Requirement(missing[1]).name
    needed_by = f" (needed by {missing[2]})" if missing[2] else ""
    skipped = {canonicalize_name(link).startswith(f"{canonicalize_name(name)}-") for link in _SKIPPED.findall(log)}
    if any(skipped):
        sentence = f"The dependency {name}{needed_by} has no pure-Python wheel for Python 3.14"
        return _refused("bundle.dependency_not_pure", sentence, "Depend on something that is written in Python only.")
    sentence = f"There is no distribution {missing[1]}{needed_by}"
    return _refused("bundle.dependency_not_found", sentence, "Correct the name or the version.")


def _last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["pip failed without a word"])[-1].rstrip(".")


def _refused(code: str, sentence: str, next_step: str) -> BundleError:
    return BundleError(f"{sentence}.", code=code, place=DEPENDENCIES, next_step=next_step)
