"""From a search in the marketplace to an update that is taken back, as an administrator goes through it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from support.browser import PHONE, Site
from support.shopping import OPTIONAL, PLACE, SHOWS, released
from support.stocked import PUBLISHER, Market, stocked

WORKS = f"/api/ext/{PUBLISHER}"


def publish(market: Market, name: str, version: str = "1.0.0", **more: object) -> str:
    """The id of a plugin that is to be had now."""
    said: dict[str, object] = {"display_name": name.title(), "optional_permissions": OPTIONAL}
    return released(
        market, name, version, SHOWS, **(said | {"permissions": ("customers.read", "appointments.read")} | more)
    )


def test_from_a_search_to_an_update_that_is_taken_back(site: Site, sign_in: Callable[..., Page]) -> None:
    market = stocked(site)
    plugin_id = publish(market, "barometer", description="Feels the pressure of the air.")
    page = sign_in()

    # Found while typing; the address keeps what was searched for.
    page.goto("/marketplace")
    page.get_by_role("searchbox").press_sequentially("pressure of")
    expect(page).to_have_url(re.compile(r"/marketplace\?search=pressure\+of"))
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.locator("#offers > li")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("pressure of")
    page.get_by_role("link", name="Barometer").click()

    # Looked at, and agreed to but for one thing.
    expect(page.get_by_role("heading", level=1)).to_have_text("Barometer")
    page.get_by_role("link", name="Install …").click()
    expect(page.get_by_text(re.compile("Reads everything about \\d+ customers"))).to_be_visible()
    allowed, declined = page.get_by_label("Allow notes.create"), page.get_by_label("Allow notifications.send")
    expect(declined).not_to_be_checked()
    allowed.check()
    page.get_by_role("button", name="Agree and install").click()

    # Every step is shown, also after loading the page anew.
    page.wait_for_url("**/marketplace/installs/*")
    page.reload()
    expect(page.get_by_text("Installed. It answers.")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("link", name="Open Weather of the week")).to_be_visible()
    assert site.get(f"{WORKS}.barometer")["version"] == "1.0.0"
    grants = site.get(f"/api/plugins/{plugin_id}")["grants"]
    assert grants == ["appointments.read", "customers.read", "notes.create"]

    # A version that wants more waits, and is accepted.
    wants = ("customers.read", "appointments.read", "customers.update")
    publish(market, "barometer", "1.1.0", permissions=wants, network=[PLACE])
    page.goto("/marketplace/updates")
    page.get_by_role("button", name="Check now").click()
    mine = page.get_by_role("region", name=re.compile("Barometer"))
    expect(mine.get_by_text("Waits for you")).to_be_visible()
    assert site.get(f"{WORKS}.barometer")["version"] == "1.0.0"
    mine.get_by_label("Accept customers.update").check()
    mine.get_by_label(f"Accept GET:{PLACE['url']}").check()
    mine.get_by_role("button", name="Accept and update").click()
    expect(page.get_by_text("Updated. It answers.")).to_be_visible(timeout=60_000)
    assert site.get(f"{WORKS}.barometer")["version"] == "1.1.0"

    # And taken back.
    page.goto(f"/plugins/{plugin_id}/versions")
    page.get_by_role("button", name="Roll back to 1.0.0").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    page.wait_for_load_state("networkidle")
    assert site.get(f"{WORKS}.barometer")["version"] == "1.0.0"


def test_by_keyboard_alone(site: Site, sign_in: Callable[..., Page]) -> None:
    plugin_id = publish(stocked(site), "windsock", description="Shows where the wind comes from.")
    page = sign_in()
    page.goto("/marketplace")

    page.keyboard.press("/")
    page.keyboard.type("windsock")
    expect(page).to_have_url(re.compile(r"/marketplace\?search=windsock"))
    expect(page.locator("#offers > li")).to_have_count(1)
    tab_to(page, "Windsock")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/marketplace/{plugin_id}")
    tab_to(page, "Install …")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/marketplace/{plugin_id}/install")
    tab_to(page, "Allow notifications.send")
    page.keyboard.press("Space")
    tab_to(page, "Agree and install")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Installed. It answers.")).to_be_visible(timeout=60_000)
    assert "notifications.send" in site.get(f"/api/plugins/{plugin_id}")["grants"]
    tab_to(page, "Manage it")


def test_what_is_refused_has_a_clear_end(site: Site, sign_in: Callable[..., Page]) -> None:
    body = "\ndef on_activate(self, ctx): raise Refuse('Not without a barometer.')\n"
    plugin_id = released(stocked(site), "grumpy", "1.0.0", body)
    page = sign_in(viewport=PHONE)
    page.goto(f"/marketplace/{plugin_id}/install")
    page.get_by_role("button", name="Agree and install").click()
    expect(page.get_by_text("It was not installed, and nothing was changed.")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Not without a barometer.")).to_be_visible()
    expect(page.get_by_text("plugin.refused")).to_be_visible()
    assert not site.api.get(f"/api/plugins/{plugin_id}").is_success
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("button", name="Agree and install")).to_be_visible()


def test_without_a_script_all_of_it_works(site: Site, sign_in: Callable[..., Page]) -> None:
    plugin_id = publish(stocked(site), "thermometer", description="Tells how warm it is.")
    page = sign_in(java_script_enabled=False)
    page.goto("/marketplace")
    page.get_by_role("searchbox").fill("how warm")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name="Thermometer").click()
    page.get_by_role("link", name="Install …").click()
    page.get_by_role("button", name="Agree and install").click()
    expect(page.get_by_text("Installed. It answers.")).to_be_visible(timeout=60_000)
    assert site.get(f"/api/plugins/{plugin_id}")["state"] == "active"


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what has the focus is called so."""
    focused = "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == name:
            return
    raise AssertionError(f"the focus never came to {name}")
