"""Collecting a plugin's files from its author's folder."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from rising_bsm.bundle.errors import ProjectError
from rising_bsm.bundle.layout import CODE, DOCUMENTS, SCREENSHOTS, UI
from rising_bsm.bundle.limits import BundleLimits

_NOT_PART_OF_A_PLUGIN = frozenset(
    {"build", "conftest.py", "dist", "noxfile.py", "setup.py", "test", "tests", "ui", "screenshots"}
)
_MADE_BY_TOOLS = (".egg-info", ".dist-info", "__pycache__")


def collect_files(root: Path, limits: BundleLimits) -> dict[str, bytes]:
    """The files of a plugin by their names in the bundle; `ProjectError` for links and for what is over the limits.

    Code comes from `src/`, or, where there is none, from the modules and packages next to pyproject.toml.
    """
    files: dict[str, bytes] = {}
    for name, path in _named(root):
        if path.is_symlink() or not path.is_file():
            raise _refused("project.link", path, "is a symbolic link or a device", "Put the file itself there.")
        if len(files) == limits.files or path.stat().st_size > limits.file_bytes:
            sentence = f"is one of more than {limits.files:,} files, or larger than {limits.file_bytes:,} bytes"
            raise _refused("project.too_large", path, sentence, "Leave out what the plugin does not need.")
        # Some file systems hand back names in another Unicode form than they were given.
        files[unicodedata.normalize("NFC", name)] = _read(path)
    if not any(name.startswith(CODE) for name in files):
        raise _refused("project.no_code", root, "holds no Python module", "Put the plugin's module into src/.")
    return files


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _refused("project.unreadable", path, f"cannot be read: {error.strerror}", "Make it readable.") from error


def _named(root: Path) -> Iterator[tuple[str, Path]]:
    source = root / "src"
    for path in _walk(source) if source.is_dir() else _flat(root):
        yield CODE + path.relative_to(source if source.is_dir() else root).as_posix(), path
    for folder in (UI, SCREENSHOTS):
        for path in _walk(root / folder.rstrip("/")):
            yield folder + path.relative_to(root / folder.rstrip("/")).as_posix(), path
    for name in DOCUMENTS:
        if (root / name).is_file():
            yield name, root / name


def _flat(root: Path) -> Iterator[Path]:
    for child in sorted(root.iterdir()):
        if child.name.startswith((".", "test_")) or child.name in _NOT_PART_OF_A_PLUGIN:
            continue
        if child.suffix == ".py":
            yield child
        elif (child / "__init__.py").is_file():
            yield from _walk(child)


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder, links included and not followed, but for what is hidden or made by tools."""
    if folder.is_symlink():
        yield folder
    elif folder.is_dir():
        for child in sorted(folder.iterdir()):
            if not child.name.startswith(".") and not child.name.endswith(_MADE_BY_TOOLS):
                yield from _walk(child)
    elif folder.exists():
        yield folder


def _refused(code: str, path: Path, sentence: str, next_step: str) -> ProjectError:
    return ProjectError(f"{path.name} {sentence}.", code=code, place=str(path), next_step=next_step)
