"""A picture of every page in light, dark and phone width, into `.screenshots/`; `--only NAME` for those so named."""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import Browser  # noqa: E402

from support.browser import DESKTOP, PHONE, Site, chromium, person  # noqa: E402
from support.pages import PAGES, Shown  # noqa: E402
from support.served import served  # noqa: E402

KINDS = {"light": (DESKTOP, "light"), "dark": (DESKTOP, "dark"), "phone": (PHONE, "light")}


def main() -> None:
    """Takes the pictures of those pages whose names hold what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="part of the names of the pages to take")
    parser.add_argument("--language", default="en-GB", help="what the browser asks for, such as de-DE")
    given = parser.parse_args()
    wanted = [shown for shown in PAGES if given.only in shown.name]
    (ROOT / ".screenshots").mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        served(Path(data), DEMO="true") as running,
        running.browser() as api,
        chromium() as browser,
    ):
        site = Site(running, api)
        for shown in wanted:
            _take(browser, site, shown, given.language)


def _take(browser: Browser, site: Site, shown: Shown, language: str) -> None:
    at = shown.at(site)
    for kind, (viewport, scheme) in KINDS.items():
        context = person(browser, site, shown.role, viewport=viewport, color_scheme=scheme, locale=language)
        page = context.new_page()
        page.goto(at, wait_until="networkidle")
        file = ROOT / ".screenshots" / f"{shown.name}-{kind}.png"
        page.screenshot(path=file, full_page=True)
        print(file.relative_to(ROOT), flush=True)
        context.close()


if __name__ == "__main__":
    main()
