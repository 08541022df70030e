"""The pages that are written from the program."""

from collections.abc import Mapping
from pathlib import Path

from tools.docs import host_api, http, marketplace, sdk, ui

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def pages() -> Mapping[str, str]:
    """The pages as file name -> Markdown."""
    return {
        "host-api.md": host_api.page(),
        "http.md": http.page(),
        "marketplace.md": marketplace.page(),
        "sdk.md": sdk.page(),
        "ui.md": ui.page(),
    }
