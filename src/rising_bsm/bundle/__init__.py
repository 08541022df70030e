"""From an author's folder to a signed bundle, and from a stranger's bytes to a verified one. Pure: no database, no web.

read_project -> assemble -> pack -> sign          what an author does
open_bundle  -> VerifiedBundle                    what a host does before anything else
"""

from rising_bsm.bundle.archive import read_archive, write_archive
from rising_bsm.bundle.build import assemble, pack
from rising_bsm.bundle.errors import BundleError, InvalidKey, ProjectError
from rising_bsm.bundle.keys import PublicKey, SigningKey, TrustedKey
from rising_bsm.bundle.limits import BundleLimits
from rising_bsm.bundle.manifest import Manifest
from rising_bsm.bundle.project import Project, read_project
from rising_bsm.bundle.signing import sign
from rising_bsm.bundle.vendor import vendor
from rising_bsm.bundle.verify import UnverifiedBundle, VerifiedBundle, open_bundle, open_unsigned

__all__ = [
    "BundleError",
    "BundleLimits",
    "InvalidKey",
    "Manifest",
    "Project",
    "ProjectError",
    "PublicKey",
    "SigningKey",
    "TrustedKey",
    "UnverifiedBundle",
    "VerifiedBundle",
    "assemble",
    "open_bundle",
    "open_unsigned",
    "pack",
    "read_archive",
    "read_project",
    "sign",
    "vendor",
    "write_archive",
]
