"""The files of a bundle, checked for what they are; who vouches for them is not asked here."""

from collections.abc import Mapping

from rising_bsm.bundle.frames import check_frames
from rising_bsm.bundle.layout import MANIFEST, check_contents, check_layout
from rising_bsm.bundle.limits import BundleLimits
from rising_bsm.bundle.manifest import Manifest, parse_manifest
from rising_bsm.bundle.reserved import check_publisher


def check_files(files: Mapping[str, bytes], limits: BundleLimits) -> Manifest:
    """The manifest of a bundle with these files; `BundleError` when they do not make a bundle."""
    check_layout(files)
    manifest = parse_manifest(files[MANIFEST], limits)
    check_publisher(manifest.publisher)
    check_contents(files, manifest.main)
    check_frames(manifest.frames, files)
    return manifest
