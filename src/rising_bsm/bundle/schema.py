"""The JSON Schema of `manifest.json`: `python -m rising_bsm.bundle.schema` prints it for the documentation."""

import json
from typing import Any

from rising_bsm.bundle.manifest import Manifest


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) that the manifest's models make."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Manifest.model_json_schema(),
        "title": "manifest.json of an .rbsm bundle",
    }


def json_schema_text() -> str:
    """The schema as it stands in docs/reference/manifest.schema.json."""
    return json.dumps(json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    print(json_schema_text(), end="")
