"""Addresses on the web have one spelling here, and say where they lead."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.bundle.urls import Target, parse_url

HOSTS = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,3})?(\.[a-z]{2,5}){0,2}", fullmatch=True)
PATHS = st.lists(st.from_regex(r"[A-Za-z0-9~_-]{1,6}", fullmatch=True), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
HOSTILE = st.text(alphabet="ab/.%2eE5cfF:@\\[]?#;0127 \t\n\u3002", max_size=30)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.example.com", "https://api.example.com/"),
        ("HTTPS://API.Example.COM.:443/V1", "https://api.example.com/V1"),
        ("http://x:8080?q=a/../b", "http://x:8080/?q=a/../b"),
        ("http://x/%7Euser/%e4?q=%2f", "http://x/~user/%E4?q=%2F"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://[2606:4700:0:0::1111]/", "http://[2606:4700::1111]/"),
        ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"),
        ("http://x/a//b/", "http://x/a//b/"),
    ],
)
def test_an_address_has_one_spelling(text: str, url: str) -> None:
    assert parse_url(text).url == url
    assert parse_url(url).url == url


@pytest.mark.parametrize(
    ("path", "place", "below"),
    [
        ("/v1", "/v1", True),
        ("/v1/", "/v1", True),
        ("/v1/x", "/v1", True),
        ("/v10", "/v1", False),
        ("/v", "/v1", False),
        ("/v1", "/v1/", False),
        ("/v1/x", "/v1/", True),
        ("/x", "/", True),
        ("/V1/x", "/v1/", False),
    ],
)
def test_a_place_is_everything_below_it_by_whole_segments(path: str, place: str, below: bool) -> None:
    assert Target("https", "x", 443, path).is_below(place) == below


@given(host=HOSTS, port=st.integers(1, 65_535), path=PATHS)
def test_what_is_put_together_is_taken_apart(host: str, port: int, path: str) -> None:
    target = parse_url(f"http://{host}:{port}{path}")
    assert (target.host, target.port, target.path) == (host, port, path)
    assert parse_url(target.url) == target


@given(prefix=st.sampled_from(["", "http://", "https://x", "http://x/", "http://x/v1/"]), rest=HOSTILE)
def test_whatever_is_taken_is_read_the_same_by_others_and_leads_down_only(prefix: str, rest: str) -> None:
    try:
        target = parse_url(prefix + rest)
    except ValueError:
        return
    others = urlsplit(target.url)
    assert (others.hostname, others.port or (443 if target.scheme == "https" else 80)) == (target.host, target.port)
    assert others.path == target.path
    assert not {".", ".."} & set(target.path.lower().replace("%2e", ".").replace("%25", "%").split("/"))
    assert parse_url(target.url) == target
