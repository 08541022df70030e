"""The start page, used as a person would: read, fill in the form, press the button."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx
import pytest

from rising_bsm import __version__
from rising_bsm.accounts import Role
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
            self.fields[given["name"]] = given.get("value", "")
        self.addresses += [given[name] for name in ("href", "src", "action") if name in given]
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag in ("script", "style") else []


async def _submit(browser: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    form = Page(await browser.get("/"))
    assert form.actions == ["/sign-in"]
    return await browser.post(form.actions[0], data=form.fields | {"email": email, "password": password})


async def test_a_stranger_sees_a_form_and_nothing_of_the_business(instance: Instance) -> None:
    async with await instance.program() as program:
        await program.post("/api/customers", json=a_customer())
    async with instance.visitor() as browser:
        page = await browser.get("/")
    assert page.status_code == 200
    assert __version__ in page.text
    assert 'name="password"' in page.text
    assert "Customers" not in page.text
    assert "Recent activity" not in page.text


async def test_the_form_signs_in_and_out(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com", name="Anna <b>")
    async with instance.visitor() as browser:
        answer = await _submit(browser, "anna@example.com", PASSWORD)
        inside = await browser.get("/")
        form = Page(inside)
        out = await browser.post(form.actions[0], data=form.fields)
        after = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Anna &lt;b&gt;" in inside.text
    assert "Recent activity" in inside.text
    assert form.actions == ["/sign-out"]
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert 'name="password"' in after.text


async def test_a_wrong_password_is_said_on_the_page_and_the_address_is_kept(instance: Instance) -> None:
    async with instance.visitor() as browser:
        page = await _submit(browser, '"><script>@example.com', "wrong password")
    assert page.status_code == 401
    assert "The e-mail address or the password is wrong." in page.text
    assert Page(page).fields["email"] == '"><script>@example.com'
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
        form = Page(await browser.get("/"))
        files = {"email": ("x.txt", b"x"), "password": ("y.txt", b"y")}
        page = await browser.post("/sign-in", data={"csrf_token": form.fields["csrf_token"]}, files=files)
    assert page.status_code == 422


async def test_everybody_sees_what_they_may(instance: Instance) -> None:
    async with await instance.browser(Role.EMPLOYEE) as employee, await instance.browser() as admin:
        await admin.post("/api/customers", json=a_customer(status="lead"))
        seen_by_employee, seen_by_admin = await employee.get("/"), await admin.get("/")
    assert re.search(r"<strong>1</strong><span>Leads</span>", seen_by_employee.text)
    assert "People" not in seen_by_employee.text
    assert "Recent activity" not in seen_by_employee.text
    assert re.search(r"<strong>2</strong><span>People</span>", seen_by_admin.text)
    assert "customers.create" in seen_by_admin.text


async def test_pages_load_nothing_from_elsewhere_and_run_nothing(instance: Instance) -> None:
    async with await instance.browser() as admin, instance.visitor(Accept="text/html") as stranger:
        pages = [await admin.get("/"), await stranger.get("/"), await stranger.get("/nothing")]
        for address in {address for page in pages for address in Page(page).addresses}:
            assert not urlsplit(address).netloc
            assert (await admin.get(address)).status_code in (200, 405)
        style = (await stranger.get("/style.css")).text
    assert [Page(page).inline for page in pages] == [[], [], []]
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert all('name="viewport"' in page.text for page in pages)


async def test_a_page_keeps_the_visitor_it_knows(instance: Instance) -> None:
    async with instance.visitor() as browser:
        first = Page(await browser.get("/")).fields["csrf_token"]
        assert Page(await browser.get("/")).fields["csrf_token"] == first
    async with instance.visitor() as other:
        assert Page(await other.get("/")).fields["csrf_token"] != first


async def test_a_session_that_is_over_is_a_stranger_not_an_error(instance: Instance) -> None:
    async with instance.browser_with("long over") as browser:
        page = await browser.get("/")
    assert page.status_code == 200
    assert 'name="password"' in page.text
