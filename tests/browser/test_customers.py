"""Customers in a browser: found while one types, added after a mistake, changed beside somebody else, removed."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from rising_bsm.db import uuid7
from support.browser import PHONE, Site, Watched, serious

SignIn = Callable[..., Page]


def add(site: Site, **fields: Any) -> str:
    """The id of a new customer."""
    given = {"name": "Bakery", "email": f"{uuid7()}@example.com"} | fields
    return str(site.post("/api/customers", **given)["id"])


def test_adding_one_with_the_mouse_after_a_mistake(
    site: Site, sign_in: SignIn, watched: Callable[[Page], Watched]
) -> None:
    page = sign_in("employee")
    watched(page).expect("status of 422")
    page.goto("/customers")
    page.get_by_role("link", name="Add customer").click()
    page.get_by_label("Name").fill("Mira Moss")
    page.get_by_label("E-mail address").fill("nobody")
    page.get_by_label("Country").select_option(label="Germany")
    page.get_by_role("button", name="Add customer").click()
    expect(page.get_by_role("alert")).to_be_focused()
    wrong = page.get_by_label("E-mail address")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_accessible_description(re.compile("not a valid e-mail address"))
    expect(page.get_by_label("Name")).to_have_value("Mira Moss")
    expect(page.get_by_label("Country")).to_have_value("DE")
    assert serious(page) == []
    wrong.fill(f"{uuid7()}@example.com")
    page.get_by_role("button", name="Add customer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mira Moss")
    expect(page.get_by_role("status").first).to_contain_text("Mira Moss is added.")


def test_adding_one_by_keyboard_alone(site: Site, sign_in: SignIn, watched: Callable[[Page], Watched]) -> None:
    page = sign_in("employee")
    watched(page).expect("status of 422")
    page.goto("/customers")
    tab_to(page, "Add customer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/new")
    tab_to(page, "Name")
    page.keyboard.type("Nora North")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    tab_to(page, "E-mail address")
    page.keyboard.type(f"{uuid7()}@example.com")
    tab_to(page, "Gets the newsletter")
    page.keyboard.press("Space")
    tab_to(page, "Add customer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nora North")
    expect(page.get_by_text("Yes", exact=True)).to_be_visible()


def tab_to(page: Page, name: str, most: int = 60) -> None:
    """Presses Tab until what is called so has the focus, which can be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and name in (focused.evaluate(_NAME) or ""):
            assert focused.evaluate(
                "one => getComputedStyle(one).outlineStyle !== 'none' || getComputedStyle(one).boxShadow !== 'none'"
            )
            return
    raise AssertionError(f"Tab does not lead to {name}")


_NAME = "one => one.getAttribute('aria-label') || one.labels?.[0]?.textContent.trim() || one.textContent.trim()"


def test_searching_while_one_types_keeps_address_and_focus_and_back_leads_back(site: Site, sign_in: SignIn) -> None:
    word = f"Quill{uuid7().hex[-6:]}"
    add(site, name=f"{word} Anna"), add(site, name=f"{word} Bert", status="lead")
    page = sign_in("employee")
    page.goto("/customers")
    everybody = page.locator("tbody tr").count()
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type(word, delay=20)
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page).to_have_url(re.compile(f"search={word}"))
    expect(search).to_be_focused()
    page.keyboard.type(" a")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(search).to_have_value(f"{word} a")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_role("searchbox")).to_have_value(word)
    page.get_by_label("Status", exact=True).select_option("lead")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Bert")
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("Status", exact=True)).to_have_value("lead")
    page.get_by_role("link", name="Show all").click()
    expect(page.locator("tbody tr")).to_have_count(everybody)


def test_what_is_behind_back_still_works(site: Site, sign_in: SignIn) -> None:
    page = sign_in("employee", viewport=PHONE)
    page.goto("/customers")
    page.get_by_role("searchbox").press_sequentially("ada")
    expect(page).to_have_url(re.compile("search=ada"))
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("")
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_sorting_and_paging_keep_the_question(site: Site, sign_in: SignIn) -> None:
    page = sign_in("employee")
    page.goto("/customers?search=example")
    page.get_by_role("link", name="City").click()
    expect(page).to_have_url(re.compile(r"search=example.*sort=city"))
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile(r"search=example.*sort=city.*offset=25|offset=25.*sort=city"))
    expect(page.get_by_role("columnheader", name="City")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("searchbox").press_sequentially(".home")
    expect(page).to_have_url(re.compile(r"sort=city"))
    expect(page).not_to_have_url(re.compile("offset"))


def test_deleting_asks_escape_cancels_and_then_it_is_gone(site: Site, sign_in: SignIn) -> None:
    page, path = sign_in("manager"), f"/customers/{add(site, name='Olga Oak')}"
    page.goto(path)
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete Olga Oak?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    expect(dialog.get_by_role("button", name="Delete for good")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers")
    expect(page.get_by_role("status").first).to_contain_text("Olga Oak is deleted.")
    page.goto("/customers?search=Olga+Oak")
    expect(page.get_by_text("Nobody fits")).to_be_visible()


def test_another_state_and_back(site: Site, sign_in: SignIn) -> None:
    page = sign_in("employee")
    page.goto(f"/customers/{add(site, name='Pia Pine')}")
    page.get_by_role("button", name="Set status").click()
    page.get_by_role("button", name="Inactive").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Inactive")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Active")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Inactive")


def test_two_who_change_the_same_customer(site: Site, sign_in: SignIn, watched: Callable[[Page], Watched]) -> None:
    customer = add(site, name="Rosa Reed", city="Kiel")
    page = sign_in("manager")
    watched(page).expect("status of 409")
    page.goto(f"/customers/{customer}/edit")
    assert site.api.patch(f"/api/customers/{customer}", json={"city": "Bonn", "phone": "555"}).is_success
    page.get_by_label("City").fill("Mainz")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Administrator changed this customer while you did.")
    expect(page.get_by_label("City")).to_have_value("Mainz")
    expect(page.get_by_label("City")).to_have_accessible_description("Somebody else wrote: Bonn")
    expect(page.get_by_label("Telephone")).to_have_value("555")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/customers/{customer}")
    stored = site.get(f"/api/customers/{customer}")
    assert (stored["city"], stored["phone"]) == ("Mainz", "555")


def test_notes_and_what_was_done(site: Site, sign_in: SignIn) -> None:
    page = sign_in("manager")
    page.goto(f"/customers/{add(site, name='Sina Sand')}")
    page.get_by_label("New note").fill("Call <b>back</b>")
    page.get_by_role("button", name="Add note").click()
    note = page.get_by_role("region", name="Notes").get_by_role("listitem")
    expect(note).to_contain_text("Call <b>back</b>")
    expect(page.get_by_role("region", name="Activity")).to_contain_text("left a note")
    note.get_by_role("button", name="Delete note").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("region", name="Notes").get_by_role("listitem")).to_have_count(0)


def test_several_get_another_state(site: Site, sign_in: SignIn) -> None:
    word = f"Tick{uuid7().hex[-6:]}"
    for name in ("One", "Two", "Three"):
        add(site, name=f"{word} {name}")
    page = sign_in("employee")
    page.goto(f"/customers?search={word}")
    page.get_by_label(f"Choose {word} One").check()
    page.get_by_label(f"Choose {word} Two").check()
    page.get_by_label("Set the chosen ones to").select_option("inactive")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("2 customers are now: Inactive.")
    expect(page).to_have_url(re.compile(f"search={word}"))
    expect(page.locator("tbody").get_by_text("Inactive")).to_have_count(2)


def test_everything_works_without_a_script(site: Site, sign_in: SignIn) -> None:
    page = sign_in("employee", java_script_enabled=False)
    page.goto("/customers")
    page.get_by_role("searchbox").fill("ada")
    page.get_by_role("searchbox").press("Enter")
    expect(page).to_have_url(re.compile("search=ada"))
    page.get_by_role("link", name="Add customer").click()
    page.get_by_label("Name").fill("Tom Tall")
    page.get_by_label("E-mail address").fill(f"{uuid7()}@example.com")
    page.get_by_role("button", name="Add customer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tom Tall")
