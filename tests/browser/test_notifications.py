"""Notifications in a browser: the number in the menu follows what is read; and the dashboard leads on."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from support.browser import PHONE, Site

SignIn = Callable[..., Page]


def tell(site: Site, role: str, title: str, link: str = "") -> None:
    site.post("/api/notifications", role=role, title=title, link=link, message="Have a look.")


def test_the_number_in_the_menu_follows_what_is_read(site: Site, sign_in: SignIn) -> None:
    page = sign_in("manager")
    tell(site, "manager", "First news", "/customers")
    tell(site, "manager", "Second news")
    page.goto("/notifications")
    badge = page.locator(".menu-badge")
    expect(badge).to_contain_text("2")
    page.get_by_role("button", name="Mark as read: Second news").click()
    expect(badge).to_contain_text("1")
    expect(page.get_by_role("region", name="Earlier")).to_contain_text("Second news")
    page.get_by_role("button", name="Mark as unread: Second news").press("Enter")
    expect(badge).to_contain_text("2")
    page.get_by_role("button", name="Open: First news").click()
    page.wait_for_url("**/customers")
    expect(badge).to_contain_text("1")
    page.goto("/notifications?unread=true")
    page.get_by_role("button", name="Mark all as read").press("Enter")
    expect(badge).to_be_empty()


def test_numbers_of_the_dashboard_lead_to_what_they_count(site: Site, sign_in: SignIn) -> None:
    page = sign_in("employee")
    page.goto("/")
    page.get_by_role("link", name=re.compile("Customers")).last.focus()
    page.locator(".tile-main").first.press("Enter")
    page.wait_for_url("**/customers")
    page.go_back()
    page.get_by_role("link", name=re.compile(r"^\d+ leads$")).click()
    page.wait_for_url("**/customers?status=lead")


def test_activity_is_looked_through_by_keyboard_on_a_phone(site: Site, sign_in: SignIn) -> None:
    page = sign_in("manager", viewport=PHONE)
    page.goto("/activity")
    choice = page.get_by_label("What it is about")
    choice.focus()
    choice.select_option("customer")
    expect(page).to_have_url(re.compile("entity=customer"))
    expect(page.get_by_text("Only a part is shown.")).to_be_visible()
    expect(page.get_by_label("What it is about")).to_have_value("customer")
    page.get_by_role("link", name="Show all").press("Enter")
    expect(page).to_have_url(re.compile("/activity$"))
