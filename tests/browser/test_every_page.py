"""What holds on every page: nothing keeps anybody from using it, nothing comes from elsewhere, it is light."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from support.browser import PHONE, Site, Watched, serious
from support.pages import PAGES, Shown

NAMES = [shown.name for shown in PAGES]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("shown", PAGES, ids=NAMES)
def test_nothing_keeps_anybody_from_using_it(
    site: Site, sign_in: Callable[..., Page], watched: Callable[[Page], Watched], shown: Shown, scheme: str
) -> None:
    page = sign_in(shown.role, color_scheme=scheme)
    watched(page).expect("the server responded with a status of 404")
    page.goto(shown.at(site), wait_until="networkidle")
    assert page.locator("h1").count() == 1
    assert serious(page) == []


@pytest.mark.parametrize("shown", PAGES, ids=NAMES)
def test_it_fits_on_a_phone(
    site: Site, sign_in: Callable[..., Page], watched: Callable[[Page], Watched], shown: Shown
) -> None:
    page = sign_in(shown.role, viewport=PHONE)
    watched(page).expect("the server responded with a status of 404")
    page.goto(shown.at(site), wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert serious(page) == []


def test_a_first_visit_of_the_dashboard_is_light(site: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in("admin")
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto("/", wait_until="networkidle")
    assert 50_000 < sum(sizes) < 300_000


def test_signing_in_and_out_by_keyboard(site: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in("")
    email = site.add_person()
    page.goto("/customers?search=a")
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery staple")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers?search=a")
    page.goto("/")
    page.get_by_role("button", name="Anna Berg").press("Enter")
    page.get_by_role("button", name="Sign out").press("Enter")
    page.wait_for_url("**/sign-in")
