"""What a plugin may say in a request, and what the host says for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.errors import InvalidInput
from rising_bsm.runtime.egress.request import checked_headers
from rising_bsm.runtime.functions.http import BODY_BYTES, Fetch

ASKED = {"method": "POST", "url": "https://api.example.com/"}


@pytest.mark.parametrize(
    "name",
    ["Host", "content-length", "Transfer-Encoding", "Connection", "TE", "Upgrade", "Cookie", "Proxy-Authorization",
     "proxy-x", "Via", "Forwarded", "Expect", "X-HTTP-Method-Override", "Accept-Encoding", "Sec-Fetch-Site"],
)  # fmt: skip
def test_what_the_host_says_cannot_be_said(name: str) -> None:
    with pytest.raises(ValueError, match="the host's to send"):
        checked_headers({name: "x"})


@pytest.mark.parametrize(
    "headers",
    [
        {"x": "a\r\nHost: evil"}, {"x": "a\nb"}, {"x": "a\0"}, {"x\r\ny": "a"}, {"x y": "a"}, {"x:": "a"}, {"": "a"},
        {"\u00e4": "a"}, {"x": "\u00e4"}, {"x": " a"}, {"x": "a\t"}, {"x": "a", "X": "b"}, {"x": "a" * 9_000},
    ],
)  # fmt: skip
def test_a_header_is_one_header(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        checked_headers(headers)


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3))
def test_whatever_passes_is_one_line_each(headers: dict[str, str]) -> None:
    try:
        checked = checked_headers(headers)
    except ValueError:
        return
    for name, text in checked.items():
        assert (name + text).isascii()
        assert (name + text).isprintable()
        assert name == name.lower()
        assert ":" not in name


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"method": "TRACE"}, "method"),
        ({"method": "GET\r\n"}, "method"),
        ({"url": "nonsense"}, "url"),
        ({"headers": {"Host": "x"}}, "headers"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": 11}, "timeout"),
        ({"body": "x" * (BODY_BYTES + 1)}, "body"),
        ({"body": "=", "base64": True}, "body"),
        ({"body": "\ud800"}, "body"),
        ({"method": "GET", "body": "x"}, "body"),
        ({"follow": True}, "follow"),
    ],
)
def test_every_wrong_argument_is_named(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Fetch.of(ASKED | wrong)
    assert (refusal.value.code, list(refusal.value.fields)) == ("host.invalid", [field])


def test_bytes_and_texts_are_what_is_sent() -> None:
    assert Fetch.of(ASKED | {"body": "\u00e4"}).content == b"\xc3\xa4"
    assert Fetch.of(ASKED | {"body": "/w==", "base64": True}).content == b"\xff"
