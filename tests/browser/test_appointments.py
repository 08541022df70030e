"""Appointments as people use them: by mouse, and by keyboard alone."""

from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from support.browser import PHONE, Site, Watched

SignIn = Callable[..., Page]
LATER = (date.today() + timedelta(days=40)).isoformat()


def test_an_appointment_from_plan_to_deletion_by_mouse(site: Site, sign_in: SignIn) -> None:
    customer = site.post("/api/customers", name="Quentin Quill", email="quentin@mouse.example")
    page = sign_in("manager")
    page.goto("/appointments")
    page.get_by_role("link", name="New appointment").click()
    page.get_by_label("Title").fill("Roof inspection")
    page.get_by_label("Search for a customer").press_sequentially("quent")
    page.get_by_role("radio", name="Quentin Quill").check()
    page.get_by_label("Day").fill(LATER)
    page.get_by_label("Time").fill("14:30")
    page.get_by_role("button", name="Add appointment").click()
    expect(page.get_by_role("heading", level=1, name="Roof inspection")).to_be_visible()
    expect(page.get_by_text("The appointment is in the calendar.")).to_be_visible()
    expect(page.get_by_role("link", name="Quentin Quill")).to_have_attribute("href", f"/customers/{customer['id']}")

    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("is “Confirmed” now.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The status is what it was before.")).to_be_visible()

    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Place").fill("Workshop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Workshop")).to_be_visible()

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The appointment is deleted.")).to_be_visible()


def test_planning_by_keyboard_alone(site: Site, sign_in: SignIn) -> None:
    site.post("/api/customers", name="Xaver Xenakis", email="xaver@keys.example")
    page = sign_in("employee")
    page.goto("/appointments/new")
    page.get_by_label("Title").focus()
    page.keyboard.type("Boiler")
    page.keyboard.press("Tab")
    page.keyboard.type("xaver")
    expect(page.get_by_text("1 customer found")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/appointments/new")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Xaver Xenakis")).to_be_checked()
    page.get_by_role("button", name="Add appointment").press("Enter")
    expect(page.get_by_role("heading", level=1, name="Boiler")).to_be_visible()
    page.get_by_role("button", name="Complete").press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Planned", exact=True)).to_be_visible()


def test_a_dialog_is_opened_and_left_by_keyboard(site: Site, sign_in: SignIn) -> None:
    made = site.post("/api/appointments", title="Kept", starts_at="2035-01-31T12:00:00Z")
    page = sign_in("manager")
    page.goto(f"/appointments/{made['id']}")
    page.get_by_role("button", name="Delete").press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Delete").press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The appointment is deleted.")).to_be_visible()


def test_a_taken_time_is_said_at_its_field_and_booked_anyway(
    site: Site, sign_in: SignIn, watched: Callable[[Page], Watched]
) -> None:
    page = sign_in("employee")
    watched(page).expect("the server responded with a status of 409")
    # The first page tells the server the browser's time zone.
    page.goto("/appointments")
    for title, then in (("One", "One"), ("Two", "New appointment")):
        page.goto("/appointments/new")
        page.get_by_label("Title").fill(title)
        page.get_by_label("Day").fill("2036-05-05")
        page.get_by_label("Time").fill("09:00")
        page.get_by_role("button", name="Add appointment").click()
        expect(page.get_by_role("heading", level=1, name=then)).to_be_visible()
    expect(page.get_by_role("alert").get_by_text("This time is taken.")).to_be_visible()
    expect(page.get_by_label("Time")).to_have_accessible_description(
        "The assignee has another appointment at this time."
    )
    expect(page.get_by_label("Title")).to_have_value("Two")
    page.get_by_label("Book it anyway").check()
    page.get_by_role("button", name="Add appointment").click()
    expect(page.get_by_role("heading", level=1, name="Two")).to_be_visible()


def test_a_time_that_comes_twice_is_asked_about(
    site: Site, sign_in: SignIn, watched: Callable[[Page], Watched]
) -> None:
    page = sign_in("employee")
    watched(page).expect("the server responded with a status of 422")
    # The first page tells the server the browser's time zone.
    page.goto("/appointments")
    page.goto("/appointments/new")
    page.get_by_label("Title").fill("Night shift")
    page.get_by_label("Day").fill("2026-10-25")
    page.get_by_label("Time").fill("02:30")
    page.get_by_role("button", name="Add appointment").click()
    page.get_by_label("Which of the two").select_option(label="The second, UTC+01:00")
    page.get_by_role("button", name="Add appointment").click()
    expect(page.get_by_role("heading", level=1, name="Night shift")).to_be_visible()


def test_the_list_is_searched_as_one_types_and_the_address_keeps_it(site: Site, sign_in: SignIn) -> None:
    site.post("/api/appointments", title="Zebra crossing", starts_at="2035-01-31T12:00:00Z")
    page = sign_in("employee")
    page.goto("/appointments")
    search = page.get_by_role("searchbox", name="Search appointments")
    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("zebra")
    expect(page.locator("#list").get_by_text("1 entry")).to_be_visible()
    expect(search).to_be_focused()
    assert "search=zebra" in page.url
    page.get_by_label("When").select_option("past")
    expect(page.get_by_text("No appointment is like this")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Zebra crossing")).to_be_visible()
    page.reload()
    expect(page.get_by_role("searchbox", name="Search appointments")).to_have_value("zebra")


def test_the_calendar_is_walked_through_by_mouse_and_keyboard(site: Site, sign_in: SignIn) -> None:
    made = site.post("/api/appointments", title="Overnight", starts_at="2027-03-10T21:30:00Z", duration_minutes=180)
    page = sign_in("employee")
    page.goto("/appointments")
    page.goto("/appointments/calendar?view=month&day=2027-02-15")
    page.get_by_role("link", name="Next month").click()
    expect(page.get_by_role("heading", level=1, name="March 2027")).to_be_visible()
    expect(page.get_by_role("link", name="Overnight")).to_have_count(2)
    expect(page.get_by_role("cell").filter(has_text="from 22:30")).to_have_count(1)

    page.get_by_role("link", name="Wednesday, 10 March 2027").press("Enter")
    expect(page.get_by_role("heading", level=1, name="8 Mar to 14 Mar 2027")).to_be_visible()
    page.get_by_role("link", name="Next week").press("Enter")
    expect(page.get_by_text("Nothing is planned here.")).to_be_visible()
    page.get_by_role("link", name="Previous week").press("Enter")
    page.get_by_role("link", name="Overnight").first.press("Enter")
    expect(page).to_have_url(f"{site.url}/appointments/{made['id']}")


def test_a_phone_gets_an_agenda(site: Site, sign_in: SignIn) -> None:
    site.post("/api/appointments", title="On the phone", starts_at="2028-06-07T12:00:00Z")
    page = sign_in("employee", viewport=PHONE)
    page.goto("/appointments/calendar?day=2028-06-01")
    expect(page.get_by_text("Wed 7 Jun")).to_be_visible()
    expect(page.get_by_text("Thu 8 Jun")).to_be_hidden()
    expect(page.get_by_role("link", name="On the phone")).to_be_visible()


def test_it_works_without_a_script(site: Site, sign_in: SignIn) -> None:
    customer = site.post("/api/customers", name="Noah Noscript", email="noah@plain.example")
    page = sign_in("employee", java_script_enabled=False)
    page.goto("/appointments/new?find=noah")
    page.get_by_role("radio", name="Noah Noscript").check()
    page.get_by_label("Title").fill("Plain")
    page.get_by_label("Day").fill("2037-01-31")
    page.get_by_role("button", name="Add appointment").click()
    expect(page.get_by_role("link", name="Noah Noscript")).to_have_attribute("href", f"/customers/{customer['id']}")
