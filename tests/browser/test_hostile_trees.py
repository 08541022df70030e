"""Trees of plugins that mean no good, in a real browser: nothing runs, nothing leaves, nothing passes for ours."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from support.browser import Site, Watched
from support.showing import installed
from support.trees import HARMLESS, REFUSED

BODY = """
class Raw(ui.Node):
    def __init__(self, plain):
        self._keep(plain=plain)

    def as_json(self):
        return vars(self)["plain"]

@component("page", title="</title><script>window.pwned=1</script>")
def members(self, ctx, props):
    import json
    return Main.Raw(json.loads(Main.TREES)[props["query"]["tree"]])

@action
def save(self, ctx, values):
    return ui.Done("<script>window.pwned=1</script>", state={"a": "<script>"})
"""
# Every attribute that an element inside of a plugin's area may have; values of those that load, send or lead.
ALLOWED = {
    *(
        "action",
        "alt",
        "aria-describedby",
        "aria-hidden",
        "aria-invalid",
        "aria-label",
        "aria-labelledby",
        "aria-level",
    ),
    *(
        "aria-sort",
        "autocomplete",
        "autofocus",
        "checked",
        "class",
        "command",
        "commandfor",
        "cx",
        "cy",
        "d",
        "data-passing",
    ),
    *(
        "data-sent",
        "decoding",
        "dir",
        "disabled",
        "for",
        "height",
        "href",
        "hx-get",
        "hx-post",
        "hx-push-url",
        "hx-swap",
    ),
    *(
        "hx-sync",
        "hx-target",
        "id",
        "lang",
        "loading",
        "max",
        "maxlength",
        "method",
        "min",
        "name",
        "novalidate",
        "open",
    ),
    *("points", "r", "rel", "required", "role", "rows", "rx", "scope", "selected", "src", "step", "tabindex", "target"),
    *(
        "text-anchor",
        "title",
        "type",
        "value",
        "viewbox",
        "width",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
        "data-htmx-powered",
    ),
}
OURS = re.compile(r"/(plugins/acme\.hostile/|ext/acme\.hostile/|customers|assets/)|#plugin-[0-9a-f]{12}")
FOUND = """() => {
  const region = document.querySelector(".plugin-region"), body = region.querySelector(".plugin-body");
  const all = [...body.querySelectorAll("*")], frame = region.getBoundingClientRect();
  const attributes = all.flatMap((one) =>
    [...one.attributes].map((given) => [one.localName, given.name.toLowerCase(), given.value]));
  const clipped = "dialog, dialog *, .visually-hidden, .visually-hidden *, .table-scroll *, pre *";
  const leaves = ({left, right, bottom, width}) =>
    width && (left < frame.left - 1 || right > frame.right + 1 || bottom > frame.bottom + 1);
  const outside = all.filter((one) => !one.matches(clipped) && leaves(one.getBoundingClientRect()));
  const named = (elements) => [...new Set(elements.map((one) => one.localName))];
  return {pwned: window.pwned, attributes, outside: named(outside), elements: named(all)};
}"""
NEVER = {"script", "iframe", "object", "embed", "style", "link", "base", "meta", "template", "frame", "foreignobject"}


@pytest.fixture(scope="session")
def hostile(site: Site) -> str:
    """The address of a page that shows whichever tree it is asked for."""
    trees = {name: tree for name, (tree, _) in REFUSED.items()} | HARMLESS
    said = json.dumps({name: tree for name, tree in trees.items() if _is_json(tree)})
    plugin = installed(site, "hostile", BODY + f"\nTREES = {said!r}\n", display_name="Rising-BSM")
    return f"/ext/{plugin}/members?tree="


def _is_json(tree: Any) -> bool:
    """Whether it comes out of the sandbox at all: what is no number, or half a character, does not."""
    try:
        json.dumps(tree, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


@pytest.fixture
def page(sign_in: Callable[..., Page], watched: Callable[[Page], Watched]) -> Page:
    """A page that fails the test when something opens a dialog of the browser, another page or a download."""
    page = sign_in("admin")
    watched(page).expect("status of 404")  # pictures that there are not
    surprises = watched(page).errors
    page.on("dialog", lambda dialog: (surprises.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
    page.on("download", lambda download: surprises.append(f"a download: {download.url}"))
    page.context.on("page", lambda other: surprises.append(f"another page: {other.url}") if other != page else None)
    return page


def show(page: Page, address: str, name: str) -> dict[str, Any]:
    page.goto(address + quote(name))
    page.locator(".plugin-said, .plugin-failed").first.wait_for(state="attached")
    found: dict[str, Any] = page.evaluate(FOUND)
    return found


def test_what_is_refused_is_not_shown(page: Page, hostile: str) -> None:
    for name, (tree, sentence) in REFUSED.items():
        if _is_json(tree):
            found = show(page, hostile, name)
            said = page.locator(".plugin-failed").inner_text()
            assert "ui.invalid_tree" in said, name
            assert sentence in said, (name, said)
            assert found["pwned"] is None, name


@pytest.mark.parametrize("name", [name for name, tree in HARMLESS.items() if _is_json(tree)])
def test_what_is_shown_is_text_inside_of_its_frame(page: Page, hostile: str, name: str) -> None:
    found = show(page, hostile, name)
    assert page.locator(".plugin-failed").count() == 0
    assert found["pwned"] is None
    assert not NEVER & set(found["elements"])
    assert {attribute for _, attribute, _ in found["attributes"]} <= ALLOWED
    assert [where for where in found["attributes"] if _leads(where) and not _may_lead(*where)] == []
    assert found["outside"] == []
    assert page.locator(".plugin-by").inner_text().split() == ["Rising-BSM", "acme.hostile"]


def _leads(attribute: tuple[str, str, str]) -> bool:
    return attribute[1] in ("href", "src", "action", "hx-get", "hx-post", "hx-push-url", "hx-target")


def _may_lead(element: str, attribute: str, value: str) -> bool:
    if element == "a" and attribute == "href":
        return bool(OURS.match(value)) or value.startswith(("https://", "http://", "mailto:"))
    return bool(OURS.match(value))


PRESSED = (
    *("a confirmation with markup", "a confirmation that htmx would run", "values with markup"),
    "fields named as the host's",
)


@pytest.mark.parametrize("name", PRESSED)
def test_pressing_what_is_shown_runs_nothing(page: Page, hostile: str, name: str) -> None:
    show(page, hostile, name)
    region = page.locator(".plugin-body")
    region.locator("button").first.click()
    if page.locator("dialog[open]").count():
        page.locator("dialog[open] form button").first.click()
    page.locator(".plugin-said .alert").wait_for()
    assert page.evaluate("window.pwned") is None
    assert page.locator(".plugin-said").inner_text().strip() == "<script>window.pwned=1</script>"


def test_a_form_of_a_plugin_sends_nothing_under_a_name_of_ours(page: Page, hostile: str) -> None:
    show(page, hostile, "fields named as the host's")
    names = page.eval_on_selector_all(".plugin-body form [name]", "(found) => found.map((one) => one.name)")
    assert names == ["csrf_token", "ticket", "f-csrf_token", "f-ticket", "f-submit"]


def test_text_that_is_turned_around_reads_as_it_was_written(page: Page, hostile: str) -> None:
    show(page, hostile, "a text turned around")
    assert page.locator(".ui-text").inner_text() == "photo_gpj.exe"
