"""What administrators do with installed plugins, in a browser: by mouse, and by keyboard alone."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rising_bsm.cli.author import sandbox
from support.browser import Site, Watched
from support.bundles import make_key
from support.installed import letters
from support.plugins import make_signed_example

SignIn = Callable[..., Page]
CARE = "demo.customer-care"


def bundle(name: str, folder: Path, seed: int) -> Path:
    """The file of an example, signed with a key that nobody here knows yet."""

    async def run() -> bytes:
        async with sandbox() as pool:
            return await make_signed_example(pool, name, key=make_key(seed))

    file = folder / f"{name}.rbsm"
    with ThreadPoolExecutor(1) as threads:  # the browser's thread has a loop already
        file.write_bytes(threads.submit(asyncio.run, run()).result())
    return file


def test_a_plugin_comes_from_a_file_of_somebody_unknown_and_goes(
    site: Site, sign_in: SignIn, watched: Callable[..., Watched], tmp_path: Path
) -> None:
    page, key = sign_in(), make_key(21).public_key
    watched(page).expect("status of 422")
    page.goto("/plugins/install")
    page.get_by_label("Bundle").set_input_files(bundle("customer-care", tmp_path, 21))
    page.get_by_role("button", name="Look at it").click()

    expect(page.get_by_role("heading", name="Nobody here knows this key")).to_be_visible()
    expect(page.get_by_text(key.key_id)).to_be_visible()
    page.get_by_label("Public key").fill(str(make_key(22).public_key))
    page.get_by_role("button", name="Trust this key").click()
    expect(page.get_by_text("This is another key than the one that has signed the bundle.")).to_be_visible()
    page.get_by_label("Public key").fill(str(key))
    page.get_by_role("button", name="Trust this key").click()

    expect(page.get_by_role("heading", name="Install Customer care")).to_be_visible()
    expect(page.get_by_text("To look at customers before they are stored.")).to_be_visible()
    page.get_by_role("button", name="Install", exact=True).click()
    expect(page.get_by_text("Customer care 1.0.0 is installed.")).to_be_visible()

    page.get_by_role("button", name="Switch off").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Switch off").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Customer care is off.")).to_be_visible()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("Customer care is on.")).to_be_visible()

    page.get_by_role("button", name="Uninstall").click()
    page.get_by_label("Delete it for good").check()
    page.get_by_role("dialog").get_by_role("button", name="Uninstall").click()
    expect(page.get_by_text("and what it had stored is deleted")).to_be_visible()
    assert CARE not in {one["id"] for one in site.get("/api/plugins")["items"]}


def test_a_bundle_that_is_none_is_refused_where_it_was_chosen(
    sign_in: SignIn, watched: Callable[..., Watched], tmp_path: Path
) -> None:
    page, file = sign_in(), tmp_path / "a.rbsm"
    watched(page).expect("status of 422")
    file.write_bytes(b"nothing of the kind")
    page.goto("/plugins/install")
    page.get_by_label("Bundle").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("alert")).to_contain_text("bundle.")
    expect(page.get_by_label("Bundle")).to_be_visible()


def test_the_log_goes_on_by_itself_until_it_is_paused(site: Site, sign_in: SignIn) -> None:
    page, plugin_id = sign_in(), letters(site)
    page.goto(f"/plugins/{plugin_id}/log")
    site.api.get(f"/api/ext/{plugin_id}/works?by=Livia")
    expect(page.get_by_text("by=Livia").first).to_be_visible()

    page.get_by_role("link", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()
    assert page.locator("#log[hx-get]").count() == 0
    page.get_by_role("link", name="Go on").click()
    site.api.get(f"/api/ext/{plugin_id}/works?by=Marius")
    expect(page.get_by_text("by=Marius").first).to_be_visible()
    page.get_by_label("Level").select_option("error")
    expect(page.get_by_text("by=Marius")).to_have_count(0)
    expect(page).to_have_url(re.compile("level=error"))


def test_settings_are_corrected_at_their_fields_by_keyboard_alone(
    site: Site, sign_in: SignIn, watched: Callable[..., Watched]
) -> None:
    page, plugin_id = sign_in(), letters(site)
    watched(page).expect("status of 422")
    page.goto(f"/plugins/{plugin_id}")
    page.get_by_role("link", name="Settings", exact=True).press("Enter")
    page.get_by_label("Greeting").focus()
    page.keyboard.type("Dear all")
    page.get_by_label("Sender").focus()
    page.keyboard.type("a@localhost")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This must be an e-mail address.")).to_be_visible()
    expect(page.get_by_label("Greeting")).to_have_value("Dear all")

    sender = page.get_by_label("Sender")
    sender.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("letters@example.com")
    secret = page.get_by_label("Key for the letters")
    secret.focus()
    page.keyboard.type("s3cret")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The settings are saved.")).to_be_visible()
    expect(page.get_by_label("Key for the letters", exact=True)).to_have_value("")
    expect(page.get_by_text("It is set, and never shown.")).to_be_visible()


def test_what_is_not_used_is_taken_away_by_keyboard_alone(site: Site, sign_in: SignIn) -> None:
    page, plugin_id = sign_in(), letters(site)
    page.goto(f"/plugins/{plugin_id}/permissions")
    box = page.get_by_role("switch", name="See service requests").or_(
        page.get_by_role("checkbox", name="See service requests")
    )
    box.first.press("Space")
    page.get_by_role("button", name="Save permissions").press("Enter")
    expect(page.get_by_text("The permissions are saved.")).to_be_visible()

    reduce = page.get_by_role("button", name="Reduce to what is used")
    reduce.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(reduce).to_be_focused()
    reduce.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Take it away").press("Enter")
    expect(page.get_by_text("What was not used is taken away.")).to_be_visible()
    assert "requests.read" not in site.get(f"/api/plugins/{plugin_id}")["grants"]


def test_an_entry_of_the_storage_is_found_as_one_types_and_deleted(site: Site, sign_in: SignIn) -> None:
    page, plugin_id = sign_in(), letters(site)
    site.api.get(f"/api/ext/{plugin_id}/works")
    page.goto(f"/plugins/{plugin_id}/storage")
    page.get_by_label("What keys start with").press_sequentially("visits/")
    expect(page.get_by_role("link", name="other")).to_have_count(0)
    expect(page).to_have_url(re.compile("search=visits"))
    page.get_by_role("link", name="visits/today").click()
    expect(page.get_by_label("Value")).to_contain_text('"who": [')
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("visits/today is deleted.")).to_be_visible()


@pytest.mark.parametrize("tab", ["executions", "resources", "problems", "deliveries", "versions"])
def test_every_other_tab_opens_from_the_plugin(site: Site, sign_in: SignIn, tab: str) -> None:
    page, plugin_id = sign_in(), letters(site)
    page.goto(f"/plugins/{plugin_id}")
    page.locator(f'.plugin-tabs a[href$="/{tab}"]').click()
    expect(page.locator('.plugin-tabs a[aria-current="page"]')).to_have_attribute("href", f"/plugins/{plugin_id}/{tab}")
