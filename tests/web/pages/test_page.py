"""Where browsers may be sent: paths of this instance, whatever was asked for."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.web.pages.page import address, own_path

HERE = "https://bsm.example"
HOSTILE = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "?x=//evil.example",
    "http:evil.example",
    "/x\r\nSet-Cookie: a=b",
    "//[",
    "http://[",
    "/\x00",
    "/\u2028/evil.example",
    "",
]


@pytest.mark.parametrize("given_path", HOSTILE)
def test_what_leads_elsewhere_leads_to_the_start(given_path: str) -> None:
    assert own_path(given_path) == "/"


@pytest.mark.parametrize(
    "path", ["/", "/customers", "/customers?search=a%20b&sort=-name", "/a/b#notes", "/x?u=https://y"]
)
def test_what_is_here_is_kept(path: str) -> None:
    assert own_path(path) == path


@given(st.one_of(st.text(max_size=40), st.text("/\\.:@#?ab \t\n%[]", max_size=12)))
def test_nobody_is_ever_led_elsewhere(path: str) -> None:
    # As browsers read it (https://url.spec.whatwg.org): tabs and line ends are nothing, backslashes are slashes.
    found = own_path(path)
    read = "".join(letter for letter in found if letter not in "\t\r\n").strip(" ").replace("\\", "/")
    assert read.startswith("/")
    assert not read.startswith("//")
    assert urlsplit(urljoin(HERE, read)).netloc == "bsm.example"


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.one_of(st.none(), st.text(max_size=5), st.integers())))
def test_an_address_says_what_there_is_to_say(parameters: dict[str, object]) -> None:
    made = address("/x", **parameters)
    told = [name for name, value in parameters.items() if value not in (None, "")]
    assert ("?" in made) == bool(told)
    assert made.count("=") >= len(told)
