"""Bringing along what a plugin depends on: pure-Python distributions, as files of the bundle.

`pip` chooses and unpacks them; it installs wheels only, so that nothing of a dependency runs on the author's machine.
"""

from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rising_bsm.bundle.errors import BundleError
from rising_bsm.bundle.layout import CODE, check_modules, is_forbidden
from rising_bsm.bundle.wheels import DEPENDENCIES, install_wheels

LICENSES = "third-party-licenses/"

# The host brings the SDK into the sandbox.
_PROVIDED = frozenset({"rising-bsm-sdk"})
_LICENSE_NAMES = ("authors", "copying", "licence", "license", "notice")


def vendor(requirements: Iterable[Requirement]) -> dict[str, bytes]:
    """The files of the distributions that meet the requirements, by their names in a bundle (code/…).

    Scripts and metadata are left out but for name and version, licence texts are kept below
    code/third-party-licenses/. `BundleError` names the dependency that is not pure Python, cannot be found, or hides a
    module of Python's or of the SDK.
    """
    asked = [str(requirement) for requirement in requirements if not _is_provided(requirement.name)]
    files: dict[str, bytes] = {}
    if not asked:
        return files
    with TemporaryDirectory(prefix="rbsm-vendor-") as folder:
        target = Path(folder, "target")
        install_wheels(asked, target, Path(folder, "pip.log"))
        for distribution in sorted(distributions(path=[str(target)]), key=lambda item: item.name):
            if not _is_provided(distribution.name):
                files |= _files_of(distribution)
    return files


def _is_provided(name: str) -> bool:
    return canonicalize_name(name) in _PROVIDED


def _files_of(distribution: Distribution) -> dict[str, bytes]:
    folder = f"{canonicalize_name(distribution.name)}-{distribution.version}"
    modules, licenses = {}, {}
    for path in distribution.files or ():
        # A record may list scripts and data outside, and a hostile one anything at all.
        source = Path(str(path.locate()))
        if path.is_absolute() or ".." in path.parts or "__pycache__" in path.parts or not source.is_file():
            continue
        if not path.parts[0].endswith(".dist-info"):
            modules[path.as_posix()] = source.read_bytes()
        elif path.parts[1:2] == ("licenses",) or path.name.casefold().startswith(_LICENSE_NAMES):
            licenses[f"{LICENSES}{folder}/{'/'.join(path.parts[1:])}"] = source.read_bytes()
    _check_modules(distribution, modules)
    return {CODE + name: content for name, content in {**modules, **licenses, **_metadata(distribution)}.items()}


def _metadata(distribution: Distribution) -> dict[str, bytes]:
    """Which distribution in which version this is, so that whoever has the bundle can look for advisories about it."""
    name = canonicalize_name(distribution.name).replace("-", "_")
    text = f"Metadata-Version: 2.1\nName: {distribution.name}\nVersion: {distribution.version}\n"
    return {f"{name}-{distribution.version}.dist-info/METADATA": text.encode()}


def _check_modules(distribution: Distribution, modules: dict[str, bytes]) -> None:
    for name, content in modules.items():
        if reason := is_forbidden(name, content):
            raise BundleError(
                f"The dependency {distribution.name} cannot be vendored: {name} is {reason}.",
                code="bundle.dependency_not_pure",
                place=DEPENDENCIES,
                next_step="Depend on something that is written in Python only.",
            )
    try:
        check_modules(modules)
    except BundleError as error:
        raise BundleError(
            f"The dependency {distribution.name} cannot be vendored. {error.message}",
            code=error.code,
            place=DEPENDENCIES,
            next_step="Depend on something else, or on a version without that module.",
        ) from error
