"""What plugins show, as people use it: by mouse and by keyboard, and when plugins fail."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from support.browser import Site, Watched
from support.showing import example, installed

WIDGETS = """
@component("dashboard.widget", title="Raising", order=1)
def raising(self, ctx, props):
    if ctx.storage.increment("asked") < 3:
        raise ValueError("broken")
    return ui.Stat("Mended", 1)

@component("dashboard.widget", title="Looping", order=2)
def looping(self, ctx, props):
    while True: ...

@component("dashboard.widget", title="Slow", order=3)
def slow(self, ctx, props):
    time.sleep(1)
    return ui.Stat("Slowly", 2)

@component("dashboard.widget", title="Quick", order=4)
def quick(self, ctx, props):
    return ui.Stat("Quickly", 3)
"""


@pytest.fixture(scope="session")
def gallery(site: Site) -> str:
    """The address of the page with every node."""
    return f"/ext/{example(site, 'ui-gallery')}/gallery"


@pytest.fixture(scope="session")
def troubled(site: Site) -> str:
    """The id of a plugin whose widgets raise, loop for ever, take their time, and work."""
    return installed(site, "troubled", WIDGETS, display_name="Troubled")


def area(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=re.compile(f"^{title}"))


def open_gallery(page: Page, address: str) -> Locator:
    page.goto(address)
    gallery = area(page, "UI gallery")
    gallery.get_by_text("Everything that a plugin's page can be made of.").wait_for()
    return gallery


def test_a_dashboard_is_usable_whatever_its_widgets_do(troubled: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("admin")
    page.goto("/", wait_until="domcontentloaded")
    # The page is there, and none of them has answered yet.
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(area(page, "Looping").get_by_role("status")).to_have_text("Loading …")
    expect(area(page, "Quick").get_by_text("Quickly")).to_be_visible()
    expect(area(page, "Raising").get_by_role("alert")).to_contain_text("This could not be shown.")
    expect(area(page, "Slow").get_by_text("Slowly")).to_be_visible()
    expect(area(page, "Looping").get_by_role("alert")).to_contain_text("This took too long.")
    # One that works the next time it is asked does so in its place.
    again = area(page, "Raising").get_by_role("button", name="Try again")
    again.focus()
    page.keyboard.press("Enter")
    expect(area(page, "Raising").get_by_role("alert")).to_contain_text("broken")
    area(page, "Raising").get_by_role("button", name="Try again").click()
    expect(area(page, "Raising").get_by_text("Mended")).to_be_visible()
    page.get_by_role("link", name="Customers", exact=True).click()
    page.wait_for_url("**/customers")


def test_an_area_says_whose_it_is(troubled: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("employee")
    page.goto("/")
    expect(area(page, "Quick")).to_contain_text(f"Troubled {troubled}")
    expect(area(page, "Quick")).to_have_accessible_name("Quick, by the plugin Troubled")


def test_a_form_says_what_is_wrong_next_to_the_field(
    gallery: str, sign_in: Callable[..., Page], watched: Callable[[Page], Watched]
) -> None:
    page = sign_in("admin")
    watched(page).expect("status of 422")
    form = open_gallery(page, gallery).locator("form", has=page.get_by_label("Website"))
    form.get_by_label("E-mail").fill("nowhere")
    form.get_by_label("About").fill("A <b> of\ntwo lines")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_label("Name")).to_have_accessible_description(re.compile("This is needed."))
    expect(form.get_by_label("E-mail")).to_have_accessible_description(
        "Write an e-mail address, such as name@example.com."
    )
    expect(form.get_by_label("About")).to_have_value("A <b> of\ntwo lines")
    # What the plugin refuses is said in the same place.
    form.get_by_label("E-mail").fill("")
    form.get_by_label("Name").fill("Nobody")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_label("Name")).to_have_accessible_description(re.compile("Somebody must have a name."))
    form.get_by_label("Name").fill("Ada")
    form.get_by_label("Customer").select_option(index=1)
    form.get_by_role("button", name="Send").click()
    expect(area(page, "UI gallery").get_by_text("Thank you, Ada.")).to_be_visible()
    expect(area(page, "UI gallery")).to_contain_text("source = 'gallery'")


def test_a_table_is_sorted_turned_and_changed_by_keyboard(gallery: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("admin")
    shown = open_gallery(page, gallery)
    table = shown.get_by_role("table", name="People")
    first = table.get_by_role("row").nth(1)
    table.get_by_role("link", name="Visits").press("Enter")
    expect(table.get_by_role("columnheader", name="Visits")).to_have_attribute("aria-sort", "ascending")
    expect(first).to_contain_text("Finn Falk")
    page.wait_for_url("**people.sort=visits")
    table.get_by_role("link", name="Visits").press("Enter")
    expect(first).to_contain_text("Cleo Conrad")
    shown.get_by_role("link", name="Next").press("Enter")
    expect(shown.get_by_text("Page 2 of 2")).to_be_visible()
    page.wait_for_url("**people.page=2")
    page.reload()
    expect(shown.get_by_text("Page 2 of 2")).to_be_visible()
    # A line is removed, but not before it was agreed to; Escape is no.
    remove = table.get_by_role("row", name="Finn Falk").get_by_role("button", name="Remove")
    dialog = page.get_by_role("dialog", name="Remove Finn Falk?")
    remove.press("Enter")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    remove.press("Enter")
    dialog.get_by_role("button", name="Remove").press("Enter")
    expect(shown.get_by_text("Finn Falk is removed.")).to_be_visible()
    expect(table.get_by_role("row", name="Finn Falk")).to_have_count(0)
    expect(dialog).to_be_hidden()
    expect(shown.get_by_text("Page 2 of 2")).to_be_visible()
    restore = shown.get_by_role("button", name="Bring everybody back")
    restore.press("Enter")
    page.get_by_role("dialog", name="Bring back everybody").get_by_role("button", name="Bring everybody back").press(
        "Enter"
    )
    expect(table.get_by_role("row", name="Finn Falk")).to_be_visible()


def test_tabs_are_chosen_by_mouse_and_arrows(gallery: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("admin")
    shown = open_gallery(page, gallery)
    expect(shown.get_by_text("What is in the first tab.")).to_be_visible()
    shown.get_by_text("Details", exact=True).click()
    expect(shown.get_by_text("In the second")).to_be_visible()
    expect(shown.get_by_text("What is in the first tab.")).to_be_hidden()
    shown.get_by_role("radio", name="Details").press("ArrowRight")
    expect(shown.get_by_text("And in the third.")).to_be_visible()


def test_a_dialog_stays_open_while_something_is_wrong_and_closes_after(
    gallery: str, sign_in: Callable[..., Page], watched: Callable[[Page], Watched]
) -> None:
    page = sign_in("admin")
    watched(page).expect("status of 422")
    shown = open_gallery(page, gallery)
    shown.get_by_role("button", name="Open a dialog").press("Enter")
    dialog = page.get_by_role("dialog", name="Who is there?")
    dialog.get_by_role("button", name="Greet").press("Enter")
    expect(dialog.get_by_text("This is needed.")).to_be_visible()
    dialog.get_by_label("Name").fill("Ada")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(shown.get_by_text("Hello, Ada!")).to_be_visible()


def test_a_refusal_is_said_and_nothing_else_changes(
    gallery: str, sign_in: Callable[..., Page], watched: Callable[[Page], Watched]
) -> None:
    page = sign_in("admin")
    watched(page).expect("status of 422")
    shown = open_gallery(page, gallery)
    form = shown.locator("form", has=page.get_by_label("Website"))
    form.get_by_label("Name").fill("half written")
    shown.get_by_role("button", name="Be refused").click()
    expect(shown.get_by_role("alert").get_by_text("This button never does anything.")).to_be_visible()
    expect(form.get_by_label("Name")).to_have_value("half written")


def test_points_are_given_beside_a_customer_and_are_on_the_page_then(site: Site, sign_in: Callable[..., Page]) -> None:
    example(site, "loyalty-points")
    customer = site.get("/api/customers?sort=name")["items"][0]
    page = sign_in("admin")
    page.goto(f"/customers/{customer['id']}")
    points = area(page, "Points")
    points.get_by_role("button", name="Give points").click()
    dialog = page.get_by_role("dialog", name="Give points by hand")
    dialog.get_by_label("Points").fill("120")
    dialog.get_by_role("button", name="Give").click()
    expect(points.get_by_text("silver")).to_be_visible()
    page.get_by_role("link", name="Loyalty points").click()
    area(page, "Loyalty points").get_by_role("link", name=customer["name"]).click()
    page.wait_for_url(f"**/customers/{customer['id']}")


def test_it_works_without_a_script(
    gallery: str, sign_in: Callable[..., Page], watched: Callable[[Page], Watched]
) -> None:
    page = sign_in("admin", java_script_enabled=False)
    watched(page).expect("status of 422")
    page.goto(gallery)
    page.get_by_role("link", name="Show").click()
    shown = area(page, "UI gallery")
    shown.get_by_role("link", name="Next").click()
    page.get_by_role("link", name="Show").click()
    expect(shown.get_by_text("Page 2 of 2")).to_be_visible()
    shown.get_by_role("button", name="Be refused").click()
    expect(page.get_by_role("alert").get_by_text("This button never does anything.")).to_be_visible()
