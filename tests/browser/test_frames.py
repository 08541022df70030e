"""A plugin's frame at work: what it is told, what it may ask, and what the bridge refuses."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Frame, Page

from support.browser import Site, Watched
from support.bundles import make_key
from support.frames import framing_plugin, page_of

ROUTES = b"""
from rising_bsm_sdk import Plugin


class Main(Plugin):
    pass
"""
READS = [{"code": "customers.read", "reason": "To draw them."}]
DELETES = [*READS, {"code": "customers.delete", "reason": "To tidy up."}]


@pytest.fixture(scope="session")
def board(site: Site) -> str:
    """The id of a plugin that may read customers, and draws a frame on the dashboard."""
    site.trust("acme", make_key())
    return site.install(framing_plugin("frame-board", page_of(), permissions=DELETES))


def framed(page: Page, plugin: str) -> Frame:
    page.locator(f"iframe[data-plugin='{plugin}']").scroll_into_view_if_needed()
    page.locator(f"iframe[data-plugin='{plugin}'][data-ready]").wait_for()
    return next(frame for frame in page.frames if f"/plugin-ui/{plugin}/" in frame.url)


def asked(frame: Frame, call: str) -> Any:
    """What a call of the author's script comes to: its result, or its error's code."""
    return frame.evaluate(f"risingBsm.{call}.then((result) => ({{result}}), (error) => ({{code: error.code}}))")


def test_a_frame_knows_where_it_is_and_reads_what_it_may(site: Site, board: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("admin", color_scheme="dark")
    page.goto("/")
    frame = framed(page, board)
    context = frame.evaluate("risingBsm.ready")
    assert context == {
        "plugin": board,
        "mount": "dashboard.widget",
        "entityId": None,
        "theme": "dark",
        "locale": "en",
        "timeZone": "Europe/Berlin",
    }
    found = asked(frame, "call('customers.list', {limit: 3})")
    assert len(found["result"]["items"]) == 3
    assert frame.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_frame_may_what_both_the_plugin_and_the_person_may(
    site: Site, board: str, sign_in: Callable[..., Page], watched: Callable[[Page], Watched]
) -> None:
    customer = site.get("/api/customers?limit=1")["items"][0]["id"]
    page = sign_in("employee")
    watched(page).expect("403")
    page.goto("/")
    frame = framed(page, board)
    # The employee may not delete, the plugin may not read appointments.
    assert asked(frame, f"call('customers.delete', {{id: '{customer}'}})") == {"code": "permission.denied"}
    assert asked(frame, "call('appointments.list')") == {"code": "permission.denied"}
    assert asked(frame, "call('customers.count')")["result"] > 0


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("call('no.such')", "host.unknown"),
        ("call('customers.list', {limit: 'many'})", "host.invalid"),
        ("request('GET', '/../../me')", "ui.bad_question"),
        ("request('GET', '//127.0.0.1/x')", "plugin.no_such_route"),
        ("request('GET', '/x/../../../customers')", "ui.bad_question"),
        ("request('GET', 'https://127.0.0.1/')", "ui.bad_question"),
        ("request('TRACE', '/x')", "ui.bad_question"),
        ("request('GET', '/nothing')", "plugin.no_such_route"),
        ("go('https://127.0.0.1/')", "ui.bad_question"),
        ("go('../../customers')", "ui.bad_question"),
        ("call('customers.list', {search: 'x'.repeat(70000)})", "ui.too_large"),
    ],
)
def test_the_bridge_refuses_what_is_not_the_plugins(
    site: Site, board: str, sign_in: Callable[..., Page], watched: Callable[[Page], Watched], call: str, code: str
) -> None:
    page = sign_in("admin")
    watched(page).expect("Failed to load resource")
    page.goto("/")
    assert asked(framed(page, board), call) == {"code": code}
    assert page.url == f"{site.url}/"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"method": "constructor", "params": {}}, "ui.no_such_method"),
        ({"method": "__proto__", "params": {}}, "ui.no_such_method"),
        ({"method": "call", "params": None}, "ui.bad_question"),
        ({"method": "call", "params": {"function": {"toString": 1}, "arguments": {}}}, "ui.bad_question"),
        ({"method": "call", "params": {"function": "customers.list", "arguments": []}}, "ui.bad_question"),
        ({"method": "resize", "params": {"height": "tall"}}, "ui.bad_question"),
        ({"method": "say", "params": {"text": ["<b>"]}}, "ui.bad_question"),
    ],
)
def test_the_bridge_takes_only_its_own_questions(
    board: str, sign_in: Callable[..., Page], message: dict[str, Any], code: str
) -> None:
    page = sign_in("admin")
    page.goto("/")
    answer = framed(page, board).evaluate(
        """(message) => new Promise((resolve) => {
            addEventListener("message", ({data, ports}) => {
                if (data.type !== "rising-bsm:port") return;
                ports[0].onmessage = ({data}) => { if (data.id === 7) resolve(data.error.code); };
                ports[0].postMessage({...message, id: 7});
            });
            parent.postMessage({type: "rising-bsm:ready"}, "*");
        })""",
        message,
    )
    assert answer == code


def test_a_frame_that_floods_is_refused_and_the_page_lives(board: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("admin")
    page.goto("/")
    codes = framed(page, board).evaluate(
        "Promise.all(Array.from({length: 200}, () => risingBsm.say('x').then(() => 'ok', (error) => error.code)))"
    )
    assert codes.count("ok") <= 60
    assert set(codes) <= {"ok", "ui.too_often"}
    assert page.locator("#messages .alert").count() == 1


def test_a_frame_that_never_ends_holds_up_nobody_but_itself(site: Site, sign_in: Callable[..., Page]) -> None:
    busy = site.install(framing_plugin("frame-busy", page_of("setTimeout(() => { while (true); }, 100)")))
    page = sign_in("admin")
    page.goto("/")
    framed(page, busy)
    page.get_by_role("link", name="Customers", exact=True).click()
    page.wait_for_url("**/customers")
    site.api.delete(f"/api/plugins/{busy}")


def test_what_a_frame_says_is_text_with_its_name(board: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("admin")
    page.goto("/")
    framed(page, board).evaluate("risingBsm.say('<img src=x onerror=alert(1)> ' + 'long'.repeat(200))")
    said = page.locator("#messages .alert")
    assert said.inner_text().startswith("Frame-Board: <img src=x onerror=alert(1)>")
    assert len(said.inner_text()) < 250


@pytest.mark.parametrize(("asked_for", "given"), [("1e9", "5000"), ("-5", "40"), ("0/0", None), ("321.4", "321")])
def test_its_height_stays_within_reason(
    board: str, sign_in: Callable[..., Page], asked_for: str, given: str | None
) -> None:
    page = sign_in("admin")
    page.goto("/")
    frame = framed(page, board)
    frame.evaluate("document.documentElement.style.height = '100px'")
    before = page.locator("iframe[data-plugin='acme.frame-board']").get_attribute("height")
    frame.evaluate(
        """(height) => new Promise((resolve) => {
            addEventListener("message", ({data, ports}) => {
                if (data.type !== "rising-bsm:port") return;
                ports[0].onmessage = ({data}) => { if (data.id === 9) resolve(); };
                ports[0].postMessage({id: 9, method: "resize", params: {height}});
            });
            parent.postMessage({type: "rising-bsm:ready"}, "*");
        })""",
        {"1e9": 1e9, "-5": -5, "0/0": float("nan"), "321.4": 321.4}[asked_for],
    )
    now = page.locator("iframe[data-plugin='acme.frame-board']").get_attribute("height")
    assert now == (given or now)
    assert before is not None
    assert 40 <= int(str(now)) <= 5000


def test_nobody_but_the_frame_itself_is_given_its_bridge(
    board: str, sign_in: Callable[..., Page], watched: Callable[[Page], Watched]
) -> None:
    page = sign_in("admin")
    page.goto("/")
    framed(page, board)
    given = page.evaluate(
        """() => new Promise((resolve) => {
            let ports = 0;
            addEventListener("message", (message) => { ports += message.ports.length; });
            postMessage({type: "rising-bsm:ready"}, "*");
            requestAnimationFrame(() => requestAnimationFrame(() => resolve(ports)));
        })"""
    )
    assert given == 0


def test_calls_of_a_frame_are_recorded_under_the_plugin(site: Site, board: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("admin")
    page.goto("/")
    assert asked(framed(page, board), "call('customers.count')")["result"] > 0
    page.wait_for_function(
        "async () => (await (await fetch('/api/plugins/acme.frame-board/executions')).text())"
        ".includes('in frame board')"
    )


def test_headers_of_every_file(site: Site, board: str, sign_in: Callable[..., Page]) -> None:
    page = sign_in("admin")
    page.goto("/")
    address = str(page.locator("iframe[data-plugin='acme.frame-board']").get_attribute("src"))
    for name in ("index.html", "app.js", "rising-bsm.js"):
        headers = site.api.get(address.replace("index.html", name)).headers
        rules = headers["content-security-policy"]
        assert "sandbox allow-scripts allow-forms allow-downloads;" in rules
        assert "allow-same-origin" not in rules
        assert "default-src 'none'" in rules
        assert "connect-src 'none'" in rules
        assert f"frame-ancestors {site.url}" in rules
        assert headers["x-content-type-options"] == "nosniff"
        assert "camera=()" in headers["permissions-policy"]
        assert json.dumps(headers["cross-origin-resource-policy"]) == '"cross-origin"'
