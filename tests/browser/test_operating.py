"""The operator looks through what was submitted, decides, sells, and keeps the place in order."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from support.browser import Site
from support.stocked import PLUGIN, PUBLISHER, bundle, stocked

LONG = "".join(f"# Line {number} of many.\n" for number in range(600)) + "pass\n"


def test_what_is_different_is_seen(site: Site, sign_in: Callable[..., Page]) -> None:
    market = stocked(site)
    page = sign_in("admin")
    page.goto("/operating/submissions?state=all")
    page.get_by_label("Search submissions").press_sequentially("route")
    page.wait_for_url("**search=route**")
    page.get_by_label("State").select_option("in_review")
    page.wait_for_url("**state=in_review**")
    page.goto(f"/operating/submissions/{market.submissions['2.0.0']}")
    expect(page.get_by_role("heading", name="compared with 1.1.0")).to_be_visible()
    expect(page.get_by_text("GET https://maps.example.com/v1/", exact=True)).to_be_visible()
    expect(page.locator("mark.unseen").first).to_have_text("\\u202e")
    expect(page.get_by_text("appointments.read", exact=True)).to_be_visible()
    page.get_by_role("link", name="The whole file").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(".")


def test_long_files_come_in_parts(site: Site, sign_in: Callable[..., Page]) -> None:
    submission = stocked(site).submit(bundle("1.0.0", LONG, name="long-story", display_name="Long story"))
    page = sign_in("admin")
    page.goto(f"/operating/submissions/{submission}")
    expect(page.get_by_text("Line 100 of many.")).to_be_visible()
    expect(page.get_by_text("Line 500 of many.")).to_have_count(0)
    page.get_by_role("link", name="Show more").click()
    expect(page.get_by_text("Line 500 of many.")).to_be_visible()
    expect(page.get_by_role("link", name="Show more")).to_have_count(0)
    assert page.url.endswith(submission)


def test_a_decision_by_keyboard_alone(site: Site, sign_in: Callable[..., Page]) -> None:
    submission = stocked(site).submit(bundle("1.0.0", name="copy-cat", display_name="Copy cat"))
    page = sign_in("admin")
    page.goto(f"/operating/submissions/{submission}")
    to(page, "[name=decision]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("It is a copy.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rejected")
    expect(page.get_by_text("It is a copy.")).to_be_visible()


def test_a_publisher_is_suspended_by_keyboard_alone(site: Site, sign_in: Callable[..., Page]) -> None:
    stocked(site)
    page = sign_in("admin")
    page.goto(f"/operating/publishers/{PUBLISHER}")
    to(page, "[commandfor=suspend]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Enter")
    to(page, "#suspend-reason")
    page.keyboard.type("We look into something.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("We look into something.")).to_be_visible()
    page.get_by_role("button", name="Let it go on").click()
    page.get_by_role("dialog").get_by_role("button", name="Let it go on").click()
    expect(page.get_by_role("button", name="Suspend")).to_be_visible()


def test_a_licence_is_sold(site: Site, sign_in: Callable[..., Page]) -> None:
    stocked(site)
    page = sign_in("admin")
    page.goto("/operating/licenses")
    page.get_by_role("link", name="Sell a licence").click()
    page.get_by_label("Plugin").select_option(PLUGIN)
    page.get_by_label("Holder").fill("Carpenter Winter")
    page.get_by_label("How many instances").fill("2")
    page.get_by_label("Last day").fill("2035-12-31")
    page.get_by_role("button", name="Sell").click()
    key = page.locator("code", has_text=re.compile("^RBSM-")).inner_text()
    page.get_by_role("button", name="Copy the key").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    page.get_by_role("link", name="I have given it to them").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Carpenter Winter")
    expect(page.get_by_text(key)).to_have_count(0)
    expect(page.get_by_text("0 of 2 seats taken")).to_be_visible()
    page.get_by_role("button", name="Suspend").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("Not paid.")
    page.get_by_role("dialog").get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Suspended")


def test_a_review_is_hidden_and_shown_again(site: Site, sign_in: Callable[..., Page]) -> None:
    stocked(site)
    page = sign_in("admin")
    page.goto("/operating/reviews")
    page.get_by_label("Which reviews").select_option("all")
    page.wait_for_url("**which=all**")
    review = page.get_by_role("article").filter(has_text="Not what I was looking for.")
    review.get_by_role("button", name="Hide").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("It is about another plugin.")
    page.get_by_role("dialog").get_by_role("button", name="Hide").click()
    page.goto("/operating/reviews?which=hidden")
    review = page.get_by_role("article").filter(has_text="Not what I was looking for.")
    expect(review).to_contain_text("Hidden, because")
    review.get_by_role("button", name="Show again").click()
    expect(page.get_by_role("status").first).to_contain_text("shown again")


def test_the_index_is_signed_again(site: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in("admin")
    page.goto("/operating/index")
    page.get_by_role("button", name="Sign again").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign again").click()
    expect(page.get_by_role("status").first).to_contain_text("signed anew")


def to(page: Page, selector: str) -> None:
    """Goes from one control to the next until the one that is meant has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")
