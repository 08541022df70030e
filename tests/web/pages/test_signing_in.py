"""Signing in as a person would: read, fill in the form, press the button; and how pages shall be."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx
import pytest

from rising_bsm import __version__
from rising_bsm.accounts import Role
from rising_bsm.web.preferences import COOKIE
from support.web import PASSWORD, Instance, a_customer

pytestmark = pytest.mark.anyio


class Page(HTMLParser):
    """What a browser would make of a page: its forms, and everything it would load or run."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.actions: list[str] = []
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.actions.append(given["action"])
        if tag == "input":
            self.fields.setdefault(given["name"], given.get("value", ""))
        self.addresses += [given[name] for name in ("href", "src", "action") if name in given]
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []


async def _submit(browser: httpx.AsyncClient, email: str, password: str, at: str = "/sign-in") -> httpx.Response:
    form = Page(await browser.get(at))
    assert form.actions[0] == "/sign-in"
    return await browser.post(form.actions[0], data=form.fields | {"email": email, "password": password})


async def test_a_stranger_sees_a_form_and_nothing_of_the_business(instance: Instance) -> None:
    async with await instance.program() as program:
        await program.post("/api/customers", json=a_customer(name="Bakery of Bonn"))
    async with instance.visitor(Accept="text/html") as browser:
        led = await browser.get("/customers?search=a&sort=name")
        page = await browser.get(led.headers["location"])
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=/customers%3Fsearch%3Da%26sort%3Dname")
    assert page.status_code == 200
    assert __version__ in page.text
    assert 'name="password"' in page.text
    assert Page(page).fields["next"] == "/customers?search=a&sort=name"
    assert "Bakery of Bonn" not in page.text
    assert 'href="/customers"' not in page.text


async def test_the_form_signs_in_and_out(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com", name="Anna <b>")
    async with instance.visitor(Accept="text/html") as browser:
        answer = await _submit(browser, "anna@example.com", PASSWORD)
        inside = await browser.get("/")
        form = Page(inside)
        again = await browser.get("/sign-in")
        out = await browser.post("/sign-out", data=form.fields)
        after = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Anna &lt;b&gt;" in inside.text
    assert "/sign-out" in form.actions
    assert (again.status_code, again.headers["location"]) == (303, "/")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert (after.status_code, after.headers["location"]) == (303, "/sign-in")


async def test_afterwards_one_is_where_one_wanted_to_be(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com")
    async with instance.visitor(Accept="text/html") as browser:
        at = "/sign-in?next=/customers%3Fsearch%3Da"
        wrong = await _submit(browser, "anna@example.com", "wrong password", at)
        assert Page(wrong).fields["next"] == "/customers?search=a"
        answer = await _submit(browser, "anna@example.com", PASSWORD, at)
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers?search=a")


@pytest.mark.parametrize("onward", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_nobody_is_led_elsewhere(instance: Instance, onward: str) -> None:
    await instance.add_user(email="anna@example.com")
    async with instance.visitor() as browser:
        form = Page(await browser.get("/sign-in", params={"next": onward})).fields
        assert form["next"] == "/"
        typed = form | {"email": "anna@example.com", "password": PASSWORD, "next": onward}
        assert (await browser.post("/sign-in", data=typed)).headers["location"] == "/"
        inside = await browser.get("/sign-in", params={"next": onward})
        chosen = await browser.post("/preferences", data={**Page(await browser.get("/")).fields, "next": onward})
    assert inside.headers["location"] == chosen.headers["location"] == "/"


async def test_a_wrong_password_is_said_on_the_page_and_the_address_is_kept(instance: Instance) -> None:
    async with instance.visitor() as browser:
        page = await _submit(browser, '"><script>@example.com', "wrong password")
    assert page.status_code == 401
    assert "The e-mail address or the password is wrong." in page.text
    assert "auth.wrong_credentials" in page.text
    assert Page(page).fields["email"] == '"><script>@example.com'
    assert "wrong password" not in page.text.replace("or the password is wrong", "")
    assert Page(page).inline == []


async def test_too_many_guesses_are_said_on_the_page(instance: Instance) -> None:
    async with instance.visitor() as browser:
        pages = [await _submit(browser, "anna@example.com", f"guess {n}") for n in range(6)]
    assert pages[5].status_code == 429
    assert "Too many attempts" in pages[5].text
    assert int(pages[5].headers["retry-after"]) > 0


async def test_an_empty_form_is_no_error_of_ours(instance: Instance) -> None:
    async with instance.visitor() as browser:
        page = await _submit(browser, "", "")
    assert page.status_code == 422
    assert 'role="alert"' in page.text


async def test_a_file_instead_of_an_address_is_no_error_of_ours(instance: Instance) -> None:
    async with instance.visitor() as browser:
        form = Page(await browser.get("/sign-in"))
        files = {"email": ("x.txt", b"x"), "password": ("y.txt", b"y")}
        page = await browser.post("/sign-in", data={"csrf_token": form.fields["csrf_token"]}, files=files)
    assert page.status_code == 422


async def test_pages_load_nothing_from_elsewhere_and_run_nothing_of_their_own(instance: Instance) -> None:
    async with await instance.browser() as admin, instance.visitor(Accept="text/html") as stranger:
        pages = [await admin.get("/"), await stranger.get("/sign-in"), await admin.get("/nothing")]
        pages.append(await admin.get("/customers/new", headers={"Accept": "text/html"}))
        loaded = {address for page in pages for address in Page(page).addresses if not address.startswith("#")}
        for address in loaded:
            assert not urlsplit(address).netloc
        style = (await stranger.get(next(one for one in loaded if "/app." in one and one.endswith(".css")))).text
    assert [Page(page).inline for page in pages] == [[], [], [], []]
    assert "@import" not in style
    assert not re.findall(r"url\((?!['\"]?(data:|#|/assets/))", style)
    assert all('name="viewport"' in page.text for page in (pages[0], pages[1], pages[3]))


async def test_a_page_keeps_the_visitor_it_knows(instance: Instance) -> None:
    async with instance.visitor() as browser:
        first = Page(await browser.get("/sign-in")).fields["csrf_token"]
        assert Page(await browser.get("/sign-in")).fields["csrf_token"] == first
    async with instance.visitor() as other:
        assert Page(await other.get("/sign-in")).fields["csrf_token"] != first


async def test_a_session_that_is_over_is_a_stranger_not_an_error(instance: Instance) -> None:
    async with instance.browser_with("long over") as browser:
        page = await browser.get("/", headers={"Accept": "text/html"})
        scripted = await browser.get("/notifications/unread", headers={"HX-Request": "true", "Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")
    assert scripted.headers["hx-redirect"] == "/sign-in"
    assert scripted.text == ""


async def test_what_goes_wrong_behind_a_script_is_a_message_whatever_part_was_asked_for(instance: Instance) -> None:
    async with await instance.browser() as browser:
        answer = await browser.get("/customers?status=x", headers={"HX-Request": "true", "Accept": "text/html"})
    assert answer.status_code == 422
    shown = {name: answer.headers[f"hx-{name}"] for name in ("retarget", "reswap", "reselect", "push-url")}
    assert shown == {"retarget": "#messages", "reswap": "beforeend", "reselect": ".alert", "push-url": "false"}
    assert "customers.invalid_query" in answer.text
    assert "<html" not in answer.text


async def test_language_theme_and_time_zone_stay_in_the_browser(instance: Instance) -> None:
    async with await instance.browser(Role.EMPLOYEE) as browser:
        chosen = {"language": "de", "theme": "dark", "time_zone": "Asia/Tokyo", "next": "/customers"}
        answer = await browser.post("/preferences", data=chosen)
        page = await browser.get("/")
    assert answer.headers["location"] == "/customers"
    assert '<html lang="de" data-theme="dark" data-bs-theme="dark">' in page.text


async def test_what_cannot_be_chosen_changes_nothing(instance: Instance) -> None:
    async with await instance.browser() as browser:
        await browser.post("/preferences", data={"language": "de", "theme": "dark"})
        before = browser.cookies[COOKIE]
        await browser.post("/preferences", data={"language": "xx", "theme": "<b>", "time_zone": "../../etc"})
        assert browser.cookies[COOKIE] == before


@pytest.mark.parametrize("said", ["<script>alert(1)</script>", "%3Cscript%3E", "\udcff", "x" * 5_000])
async def test_a_message_that_somebody_made_up_is_text(instance: Instance, said: str) -> None:
    async with await instance.browser() as browser:
        cookie = f"{instance.services.jar.session}={browser.cookies[instance.services.jar.session]}; rbsm_said={said}"
        page = await browser.get("/", headers={"Cookie": cookie.encode("utf-8", "surrogateescape")})
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "alert(1)" not in page.text or "alert(1)" in html.unescape(page.text)
