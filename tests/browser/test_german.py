"""A browser that asks for German is answered in German, until somebody chooses otherwise."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from support.browser import PHONE, Site, serious
from support.pages import PAGES, Shown

SEEN = {"sign-in": "Anmelden", "dashboard": "Übersicht", "customers": "Kunden", "marketplace": "Marktplatz"}
shown_pages = pytest.mark.parametrize("shown", [one for one in PAGES if one.name in SEEN], ids=lambda one: one.name)


@shown_pages
def test_the_page_is_german(site: Site, sign_in: Callable[..., Page], shown: Shown) -> None:
    page = sign_in(shown.role, locale="de-DE")
    page.goto(shown.at(site))
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", level=1)).to_contain_text(SEEN[shown.name])
    assert serious(page) == []


@shown_pages
def test_german_words_fit_on_a_phone(site: Site, sign_in: Callable[..., Page], shown: Shown) -> None:
    page = sign_in(shown.role, locale="de-DE", viewport=PHONE)
    page.goto(shown.at(site))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_language_that_was_chosen_stays(sign_in: Callable[..., Page]) -> None:
    page = sign_in("employee", locale="de-DE")
    page.goto("/me")
    page.get_by_label("Sprache").select_option("en")
    page.get_by_role("button", name="Darstellung speichern").click()
    expect(page.get_by_text("The pages are as you chose.")).to_be_visible()
    page.goto("/customers")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Customers")
