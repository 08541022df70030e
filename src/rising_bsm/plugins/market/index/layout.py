"""Where what stands in the index: names of roles, paths of targets. Whoever writes it and whoever reads it agree here.

The roles are those of TUF (https://theupdateframework.github.io/specification/latest/); what was reviewed is spread by
the hash of its path over 256 delegated roles, the bins (TAP 15), so that a reader needs one small file of them.
"""

import re

from pydantic import TypeAdapter, ValidationError
from tuf.api.metadata import SuccinctRoles  # type: ignore[attr-defined] # public, but not marked so

from rising_bsm.bundle.fields import PluginId, VersionText
from rising_bsm.errors import InvalidInput

REVIEWED = "reviewed"
"""The delegated role; its bins are named `reviewed-00` to `reviewed-ff`."""
BIN_BITS = 8
LICENCE_KEYS = "keys/license.json"
TIMESTAMP_FILE = "timestamp.json"
IS_BIN = re.compile(rf"{REVIEWED}-[0-9a-f]{{{BIN_BITS // 4}}}")
NO_SUCH_FILE = "index.no_such_file"
"""The code with which a marketplace says that it has no file of that name."""

_PLUGIN_ID: TypeAdapter[str] = TypeAdapter(PluginId)
_VERSION: TypeAdapter[str] = TypeAdapter(VersionText)
_BINS = SuccinctRoles([], 1, BIN_BITS, REVIEWED)


class BadIndexName(InvalidInput):
    """No plugin and no version can be called so."""

    code = "index.bad_name"


def bundle_path(plugin_id: str, version: str) -> str:
    """The target of one version; raises BadIndexName, so that no name can be a path."""
    return f"bundles/{_checked(_PLUGIN_ID, plugin_id)}/{_checked(_VERSION, version)}.rbsm"


def plugin_path(plugin_id: str) -> str:
    """The target that names every version of a plugin; raises BadIndexName."""
    return f"plugins/{_checked(_PLUGIN_ID, plugin_id)}.json"


def bin_of(path: str) -> str:
    """The bin that lists this target, if one does."""
    return _BINS.get_role_for_target(path)


def file_name(role: str, version: int | None = None) -> str:
    """The file in which a marketplace serves the metadata of a role."""
    return f"{role}.json" if version is None else f"{version}.{role}.json"


def _checked(kind: TypeAdapter[str], text: str) -> str:
    try:
        return kind.validate_python(text, strict=True)
    except ValidationError:
        raise BadIndexName(
            "A plugin is named publisher.name, and a version has three numbers.",
            place=str(text)[:100],
            next_step="Name it as the marketplace's catalogue does, such as acme.loyalty 1.2.0.",
        ) from None
