"""A bundle goes all the way, as its publisher and the operator see it."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from rising_bsm.marketplace.publishing.proof import prove
from support.browser import Site, Watched
from support.bundles import make_key
from support.stocked import PLUGIN, bundle, stocked

SCAN_MS = 120_000
TOURS = "meadow.tour-notes"
NOTES: dict[str, Any] = {"name": "tour-notes", "display_name": "Tour notes"}


def bring(page: Page, data: bytes) -> None:
    """Chooses the file and sends it, as people do."""
    page.get_by_label("Bundle").set_input_files({"name": "tours.rbsm", "mimeType": "", "buffer": data})
    page.get_by_role("button", name="Submit").click()


def decide(page: Page, plugin: str, choice: str, reason: str) -> None:
    """The operator finds the submission and decides."""
    page.goto("/operating/submissions")
    page.get_by_role("link", name=plugin, exact=True).first.click()
    page.get_by_label(choice).check()
    page.get_by_label("Why").fill(reason)
    page.get_by_label("I have looked at the findings").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("status")).to_contain_text(plugin)


def test_from_a_file_to_a_version_that_is_taken_back(site: Site, sign_in: Callable[..., Page]) -> None:
    stocked(site)
    author, operator = sign_in("publisher"), sign_in("admin")
    author.goto("/")
    author.wait_for_url("**/publishing")
    author.get_by_role("link", name="Submit a bundle").first.click()
    bring(author, bundle("1.0.0", **NOTES))
    author.wait_for_url("**/publishing/submissions/*")
    expect(author.get_by_text("Somebody reviews it now.")).to_be_visible(timeout=SCAN_MS)

    decide(operator, TOURS, "Request changes", "Say in the README what it is for.")
    expect(operator.get_by_text("calls on bait customers")).to_be_visible()
    author.reload()
    expect(author.get_by_text("Say in the README what it is for.")).to_be_visible()
    author.get_by_role("link", name="Submit it again").click()
    bring(author, bundle("1.0.0", "# What was asked for.\npass", **NOTES))
    expect(author.get_by_text("Somebody reviews it now.")).to_be_visible(timeout=SCAN_MS)

    decide(operator, TOURS, "Approve", "Now it says so.")
    author.goto("/publishing")
    author.get_by_role("link", name="1.0.0 is approved: release it").click()
    author.get_by_role("button", name="Release").click()
    author.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(author.get_by_role("row", name="1.0.0")).to_contain_text("Released")
    assert site.get(f"/api/ext/rising-bsm.marketplace/plugins/{TOURS}")["latest_version"] == "1.0.0"

    operator.goto(f"/operating/plugins/{TOURS}")
    operator.get_by_role("button", name="Revoke").click()
    dialog = operator.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("It is not what it says.")
    dialog.get_by_role("button", name="Revoke").click()
    expect(operator.get_by_role("row", name="1.0.0")).to_contain_text("Revoked")
    author.reload()
    expect(author.get_by_role("row", name="1.0.0")).to_contain_text("It is not what it says.")


def test_a_wrong_file_is_refused_where_it_was_chosen(
    site: Site, sign_in: Callable[..., Page], watched: Callable[[Page], Watched]
) -> None:
    stocked(site)
    page = sign_in("publisher")
    watched(page).expect("the server responded with a status of 422")
    page.goto("/publishing/upload")
    bring(page, b"this is no archive")
    expect(page.get_by_role("alert")).to_contain_text("bundle.")
    page.get_by_label("Bundle").set_input_files({"name": "a.rbsm", "mimeType": "", "buffer": bundle("9.0.0")})
    page.get_by_label("Bring it as a draft").check()
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/publishing/submissions/*")
    expect(page.get_by_text("nobody looks at it until you submit it")).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Withdrawn")


def test_without_a_script_a_bundle_is_brought_too(site: Site, sign_in: Callable[..., Page]) -> None:
    stocked(site)
    page = sign_in("publisher", java_script_enabled=False)
    page.goto("/publishing/upload")
    page.get_by_label("Bring it as a draft").check()
    bring(page, bundle("9.1.0"))
    page.wait_for_url("**/publishing/submissions/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Draft")


def test_becoming_a_publisher_by_keyboard_alone(site: Site, sign_in: Callable[..., Page]) -> None:
    stocked(site)
    page = sign_in("publisher")
    page.goto("/publishing")
    to(page, "a[href='/publishing/new']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/publishing/new")
    to(page, "[name=name]")
    page.keyboard.type("harbour")
    for text in ("Harbour Ltd", "hello@harbour.example"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/publishing/publishers/harbour")
    key = make_key(71)
    draft = json.dumps({"public_key": str(key.public_key), "proof": prove("harbour", key)})
    to(page, "textarea[name=key]")
    page.keyboard.insert_text(draft)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text(key.public_key.key_id, exact=True)).to_be_visible()


def test_publishers_see_their_part_and_nothing_of_the_business(site: Site, sign_in: Callable[..., Page]) -> None:
    stocked(site)
    page = sign_in("publisher")
    page.goto("/")
    links = page.get_by_role("navigation", name="Main").get_by_role("link")
    assert links.all_inner_texts() == ["My plugins"]
    page.get_by_role("link", name="Route planner").click()
    page.wait_for_url(f"**/publishing/{PLUGIN}")
    answer = page.get_by_label("Your answer, which everybody reads").first
    answer.fill("Thank you!")
    page.get_by_role("button", name="Answer").first.click()
    expect(page.get_by_role("status").first).to_contain_text("below the review")


def to(page: Page, selector: str) -> None:
    """Goes from one control to the next until the one that is meant has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")
