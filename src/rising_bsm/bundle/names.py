"""Which names a file in a bundle may have: the same ones on every system, and never outside the bundle."""

import unicodedata
from collections.abc import Iterable, Iterator

from rising_bsm.bundle.errors import BundleError
from rising_bsm.bundle.limits import DEFAULT_LIMITS, BundleLimits

# Windows opens a device instead of a file by these names, whatever their extension.
_PORTS = {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | _PORTS
_NOT_ON_WINDOWS = frozenset('<>"|?*')
_RENAME = "Give the file a plain relative name, such as code/acme/tools.py, and build the bundle again."


def check_name(name: str, limits: BundleLimits = DEFAULT_LIMITS) -> None:
    """Refuse a name that is unsafe, not portable or too long.

    The rules hold for the name as well as for its compatibility form (NFKC), in which a full-width
    solidus is a solidus: somebody may normalise it after us.
    """
    if len(name.encode("utf-8", "surrogatepass")) > limits.name_bytes:
        raise _refused("bundle.name_too_long", name[:80], f"is longer than {limits.name_bytes} bytes")
    if not name.isprintable():
        raise _refused("bundle.unsafe_path", name, "holds a control, invisible or unassigned character")
    if not unicodedata.is_normalized("NFC", name):
        raise _refused("bundle.name_not_nfc", name, "is not in Unicode normal form C")
    for form in (name, unicodedata.normalize("NFKC", name)):
        _check_path(name, form)
        segments = form.split("/")
        if len(segments) > limits.name_segments:
            raise _refused("bundle.name_too_long", name, f"is more than {limits.name_segments} folders deep")
        for segment in segments:
            _check_segment(name, segment)


def check_together(names: Iterable[str]) -> None:
    """Refuse names that cannot all be files of one folder on every file system."""
    seen: dict[str, tuple[str, bool]] = {}
    for name in names:
        for path, is_file in _paths(name):
            known = seen.get(_folded(path))
            if known is None:
                seen[_folded(path)] = (path, is_file)
            elif known[0] != path:
                reason = f"has {path!r}, which is {known[0]!r} where case is ignored"
                raise _refused("bundle.name_collision", name, reason)
            elif is_file and known[1]:
                raise _refused("bundle.duplicate_file", name, "is there twice")
            elif is_file or known[1]:
                raise _refused("bundle.file_and_folder", name, f"and another make {path!r} both a file and a folder")


def _check_path(name: str, form: str) -> None:
    if "\\" in form:
        raise _refused("bundle.unsafe_path", name, "holds a backslash")
    if ":" in form:
        raise _refused("bundle.unsafe_path", name, "holds a colon, as drive letters do")
    if form.startswith("/"):
        raise _refused("bundle.unsafe_path", name, "is absolute")
    if form.count("/") != name.count("/"):
        raise _refused("bundle.unsafe_path", name, "holds a character that stands for a slash")


def _check_segment(name: str, segment: str) -> None:
    if segment in ("", ".", ".."):
        raise _refused("bundle.unsafe_path", name, f"has the segment {segment!r}")
    if segment.endswith((" ", ".")) or segment.startswith(" "):
        raise _refused("bundle.reserved_name", name, "has a space or dot at the edge of a segment")
    if _NOT_ON_WINDOWS.intersection(segment):
        raise _refused("bundle.reserved_name", name, "holds a character that Windows has no names with")
    if segment.split(".")[0].rstrip(" ").casefold() in _DEVICES:
        raise _refused("bundle.reserved_name", name, "names a device on Windows")


def _paths(name: str) -> Iterator[tuple[str, bool]]:
    """Every folder above a file, then the file: `a`, `a/b`, `a/b/c.py` with whether it is the file."""
    at = name.find("/")
    while at >= 0:
        yield name[:at], False
        at = name.find("/", at + 1)
    yield name, True


def _folded(path: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())


def _refused(code: str, name: str, reason: str) -> BundleError:
    place = name if name and name.isprintable() else ascii(name)
    return BundleError(f"The file name {name!r} {reason}.", code=code, place=place, next_step=_RENAME)
