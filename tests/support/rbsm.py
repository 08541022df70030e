"""Bundles for tests that need one and do not care what the plugin does."""

from typing import Any

from rising_bsm.bundle.build import pack
from rising_bsm.bundle.manifest import Manifest, make_manifest

CODE = b"from rising_bsm_sdk import Plugin\n\n\nclass Hello(Plugin):\n    pass\n"


def make_plugin_manifest(**changes: Any) -> Manifest:
    """A manifest of `acme.hello` 0.1.0 with these values instead."""
    values = {
        "publisher": "acme",
        "name": "hello",
        "version": "0.1.0",
        "display_name": "Hello",
        "description": "Says hello.",
        "license": "MIT",
        "type": "mixed",
        "main": "acme_hello:Hello",
        "host": ">=0.1,<1",
    }
    return make_manifest(values | changes)


def make_unsigned(*, code: bytes = CODE, **changes: Any) -> bytes:
    """An unsigned bundle of `acme.hello`."""
    return pack(make_plugin_manifest(**changes), {"code/acme_hello/__init__.py": code})
