"""What a bundle may hold: which files, and what is in them."""

import re
import sys
from collections.abc import Iterable, Mapping

from rising_bsm.bundle.errors import BundleError

MANIFEST = "manifest.json"
CODE = "code/"
UI = "ui/"
SCREENSHOTS = "screenshots/"
AUTHOR_SIGNATURE = "signatures/author.json"
DOCUMENTS = ("CHANGELOG.md", "LICENSE", "README.md", "icon.png", "icon.svg")

SCREENSHOTS_AT_MOST = 6
SCREENSHOT_BYTES = 1_000_000
_SCREENSHOT = re.compile(r"screenshots/[^/]+\.(png|webp)")
_PICTURES = {".png": re.compile(rb"\x89PNG\r\n\x1a\n"), ".webp": re.compile(rb"RIFF....WEBP", re.DOTALL)}

# The guest runs Python 3.14, the host any version from 3.11 on: these are standard in one of them and not in all,
# and a bundle that one host takes must not be refused by another.
_STANDARD_IN_SOME = """
    _android_support _ast_unparse _bootsubprocess _colorize _crypt _hmac _interpchannels _interpqueues _interpreters
    _ios_support _msi _opcode_metadata _py_warnings _pydatetime _pylong _pyrepl _remote_debugging _sha2 _sha256 _sha512
    _suggestions _sysconfig _types _wmi _zstd aifc annotationlib asynchat asyncore audioop cgi cgitb chunk compression
    crypt distutils imghdr imp lib2to3 mailcap msilib nis nntplib ossaudiodev pipes smtpd sndhdr spwd sunau telnetlib
    uu xdrlib
"""
_OURS = frozenset({"rising_bsm", "rising_bsm_sdk"})
RESERVED_MODULES = sys.stdlib_module_names | frozenset(_STANDARD_IN_SOME.split()) | _OURS | {"__main__"}

_NOT_CODE = {
    **dict.fromkeys((".pyc", ".pyo"), "compiled Python; the host compiles the source itself"),
    **dict.fromkeys((".so", ".pyd", ".dll", ".dylib", ".a", ".o"), "native code; the sandbox runs Python only"),
    ".pth": "a path file, which would run on start-up",
    **dict.fromkeys(
        (".zip", ".whl", ".egg", ".rbsm", ".jar", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".7z", ".zst"),
        "an archive; put its files into the bundle instead",
    ),
}
_NOT_CODE_BY_CONTENT = {
    b"PK\x03\x04": _NOT_CODE[".zip"],
    b"\x7fELF": _NOT_CODE[".so"],
    b"\xcf\xfa\xed\xfe": _NOT_CODE[".dylib"],
    b"\xca\xfe\xba\xbe": _NOT_CODE[".dylib"],
}


def check_layout(names: Iterable[str]) -> None:
    """Refuse a name that has no place in a bundle, and a bundle without a manifest."""
    known = set(names)
    for name in sorted(known):
        if name not in {MANIFEST, AUTHOR_SIGNATURE, *DOCUMENTS} and not _has_a_folder(name):
            raise BundleError(
                f"{name!r} has no place in a bundle.",
                code="bundle.unexpected_file",
                place=name,
                next_step=f"Keep code below {CODE}, files for the browser below {UI}, pictures (.png, .webp) in "
                f"{SCREENSHOTS}, and leave out what is neither.",
            )
    if len(pictures := [name for name in sorted(known) if name.startswith(SCREENSHOTS)]) > SCREENSHOTS_AT_MOST:
        raise _bad_screenshot(pictures[-1], f"is one of more than {SCREENSHOTS_AT_MOST}")
    if MANIFEST not in known:
        raise BundleError("The bundle has no manifest.", code="bundle.no_manifest", place=MANIFEST)


def check_contents(files: Mapping[str, bytes], main: str) -> None:
    """Refuse code that is not readable source or data, hides a module of ours, or lacks the module of `main`."""
    for name, content in files.items():
        if name.startswith(CODE):
            _check_code(name, content)
        if name.startswith(SCREENSHOTS):
            _check_screenshot(name, content)
        if name.endswith((".py", ".md", ".svg")) or name == "LICENSE":
            _check_text(name, content)
    check_modules(name.removeprefix(CODE) for name in files if name.startswith(CODE))
    _check_main(files, main)


def check_modules(paths: Iterable[str]) -> None:
    """Refuse a top-level module or folder that would hide one of Python's or of the SDK; paths are below code/."""
    for path in sorted(paths):
        module = path.split("/")[0].removesuffix(".py") if "/" in path or path.endswith(".py") else ""
        if module in RESERVED_MODULES:
            raise BundleError(
                f"The module {module!r} has the name of one that Python or the SDK brings along.",
                code="bundle.shadows_module",
                place=CODE + path,
                next_step="Rename the module, or move it into a package with a name of its own.",
            )


def is_forbidden(name: str, content: bytes) -> str | None:
    """Why a file may not be in code/, or None when it may."""
    for suffix, reason in _NOT_CODE.items():
        if name.casefold().endswith(suffix):
            return reason
    return next((reason for start, reason in _NOT_CODE_BY_CONTENT.items() if content.startswith(start)), None)


def _has_a_folder(name: str) -> bool:
    return name.startswith((CODE, UI)) or _SCREENSHOT.fullmatch(name) is not None


def _check_screenshot(name: str, content: bytes) -> None:
    if len(content) > SCREENSHOT_BYTES:
        raise _bad_screenshot(name, f"is larger than {SCREENSHOT_BYTES:,} bytes")
    if not _PICTURES[name[name.rindex(".") :]].match(content):
        raise _bad_screenshot(name, "is not the kind of picture that its name says")


def _bad_screenshot(name: str, reason: str) -> BundleError:
    return BundleError(
        f"The screenshot {name!r} {reason}.",
        code="bundle.screenshot",
        place=name,
        next_step=f"Keep at most {SCREENSHOTS_AT_MOST} pictures (PNG, WebP) of {SCREENSHOT_BYTES:,} bytes at most.",
    )


def _check_code(name: str, content: bytes) -> None:
    if reason := is_forbidden(name, content):
        raise BundleError(
            f"{name!r} is {reason}.",
            code="bundle.forbidden_file",
            place=name,
            next_step="Remove the file; code/ holds Python source and plain data.",
        )


def _check_text(name: str, content: bytes) -> None:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise _not_text(name, "is not UTF-8") from error
    if "\0" in text:
        raise _not_text(name, "holds a NUL character")


def _check_main(files: Mapping[str, bytes], main: str) -> None:
    path = CODE + main.split(":")[0].replace(".", "/")
    check_modules([path.removeprefix(CODE) + ".py"])
    if not {f"{path}.py", f"{path}/__init__.py"} & files.keys():
        raise BundleError(
            f"The module of main, {main!r}, is not in the bundle.",
            code="bundle.main_missing",
            place=f"{path}.py",
            next_step="Set main to module:Class, where the module is one of the plugin's own.",
        )


def _not_text(name: str, reason: str) -> BundleError:
    return BundleError(
        f"{name!r} is a text file by its name, but {reason}.",
        code="bundle.not_text",
        place=name,
        next_step="Save the file as UTF-8.",
    )
