"""Requests, people and one's own pages as people use them: by mouse, and by keyboard alone."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from support.browser import Site, Watched
from support.web import PASSWORD

SignIn = Callable[..., Page]


def a_request(site: Site, name: str) -> str:
    """Where the page of a new request is."""
    email = f"{name.lower().replace(' ', '.')}@asks.example"
    return f"/requests/{site.post('/api/requests', name=name, email=email, service='Heating')['id']}"


def test_a_request_is_seen_to_and_converted_by_mouse(site: Site, sign_in: SignIn) -> None:
    at = a_request(site, "Ruth Mouse")
    page = sign_in("employee")
    page.goto("/requests?search=ruth")
    page.get_by_role("link", name="Ruth Mouse").click()
    page.get_by_label("Who sees to it").select_option(label="Anna Berg (me)")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_text("Anna Berg sees to it now.")).to_be_visible()
    page.get_by_role("button", name="Take up").click()
    expect(page.get_by_text("is “In progress” now.")).to_be_visible()
    page.get_by_placeholder("Write a note …").fill("Called back.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#notes").get_by_text("Called back.").first).to_be_visible()

    page.get_by_role("link", name="Convert").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ruth Mouse")
    page.get_by_label("Plan an appointment, too").check()
    page.get_by_label("Day").fill("2036-01-31")
    page.get_by_role("button", name="Convert").click()
    expect(page).to_have_url(f"{site.url}{at}")
    expect(page.get_by_role("link", name="Heating")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="Ruth Mouse")).to_be_visible()
    expect(page.get_by_role("link", name="Convert")).to_be_hidden()


def test_a_request_is_converted_by_keyboard_to_a_customer_who_is_there(site: Site, sign_in: SignIn) -> None:
    at = a_request(site, "Kim Keys")
    customer = site.post("/api/customers", name="Kimberly Keys", email="kim.keys@asks.example")
    page = sign_in("employee")
    page.goto(at)
    page.get_by_role("link", name="Convert").press("Enter")
    expect(page.get_by_role("radio", name="Kimberly Keys")).to_be_checked()
    expect(page.get_by_label("Company")).to_be_hidden()
    page.get_by_role("radio", name="Kimberly Keys").focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="New customer")).to_be_checked()
    expect(page.get_by_label("Company")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Convert").press("Enter")
    link = page.get_by_role("link", name="Kimberly Keys")
    expect(link).to_have_attribute("href", f"/customers/{customer['id']}")


def test_a_request_is_added_with_an_error_first_and_deleted(
    site: Site, sign_in: SignIn, watched: Callable[[Page], Watched]
) -> None:
    page = sign_in("manager")
    watched(page).expect("the server responded with a status of 422")
    page.goto("/requests")
    page.get_by_role("link", name="New request").click()
    page.get_by_label("Name").fill("Paula Phone")
    page.get_by_label("E-mail address").fill("paula@nowhere")
    page.get_by_role("button", name="Add request").click()
    expect(page.get_by_label("E-mail address")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("E-mail address").fill("paula@asks.example")
    page.get_by_role("button", name="Add request").click()
    expect(page.get_by_role("heading", name="Request of Paula Phone")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The request is deleted.")).to_be_visible()


def test_somebody_is_added_and_signs_in_with_what_was_shown(site: Site, browser: Browser, sign_in: SignIn) -> None:
    page = sign_in("admin")
    page.goto("/people")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name").fill("Nina New")
    page.get_by_label("E-mail address").fill("nina@people.example")
    page.get_by_role("button", name="Add").click()
    password = page.get_by_label("Password").input_value()

    stranger = sign_in("")
    stranger.goto("/sign-in")
    stranger.get_by_label("E-mail address").fill("nina@people.example")
    stranger.get_by_label("Password").fill(password)
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("heading", name="Dashboard")).to_be_visible()

    page.get_by_role("link", name="Done").click()
    page.get_by_role("button", name="Lock out").click()
    page.get_by_role("dialog").get_by_role("button", name="Lock out").click()
    expect(page.get_by_text("Locked out", exact=True)).to_be_visible()
    stranger.goto("/customers")
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()


def test_somebody_is_managed_by_keyboard(site: Site, sign_in: SignIn) -> None:
    site.post("/api/users", name="Karl Key", email="karl@people.example", role="employee", password=PASSWORD)
    page = sign_in("admin")
    page.goto("/people?search=karl")
    page.get_by_role("link", name="Karl Key").press("Enter")
    role = page.get_by_label("Role")
    role.focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("The changes are kept.")).to_be_visible()
    expect(page.get_by_label("Role")).to_have_value("manager")
    page.get_by_role("button", name="New password").press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="New password").press("Enter")
    page.get_by_role("button", name="Set the password").press("Enter")
    expect(page.get_by_role("heading", name="Karl Key has a new password")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_focused()


def test_a_token_is_made_copied_and_revoked(site: Site, sign_in: SignIn) -> None:
    page = sign_in("employee")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    page.goto("/me/tokens/new")
    page.get_by_role("textbox", name="Name").fill("Import")
    page.get_by_label("Only this:").check()
    page.get_by_label("See customers and search among them").check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.get_by_label("Import").input_value()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret

    page.get_by_role("link", name="Done").press("Enter")
    page.get_by_role("button", name="Revoke").first.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The token is revoked.")).to_be_visible()


def test_preferences_hold_on_all_pages(site: Site, sign_in: SignIn, watched: Callable[[Page], Watched]) -> None:
    page = sign_in("employee")
    watched(page).expect("the server responded with a status of 422")
    page.goto("/me")
    zone = page.get_by_label("Time zone")
    zone.fill("Middle/Earth")
    page.get_by_role("button", name="Save preferences").click()
    expect(page.get_by_text("There is no such time zone.")).to_be_visible()
    zone.fill("Asia/Tokyo")
    page.get_by_label("Theme").select_option("dark")
    page.get_by_role("button", name="Save preferences").press("Enter")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/appointments/calendar")
    expect(page.get_by_text("In the time zone Asia/Tokyo.")).to_be_visible()
