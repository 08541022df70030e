"""The rules that a frame's files are served with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.bundle.frames import SERVED
from rising_bsm.errors import NotFound
from rising_bsm.web.plugin_ui.cage import as_served, headers_for, key_for, kind_of, origin_of


def scope(host: bytes, scheme: str = "https") -> dict[str, object]:
    return {"headers": [(b"accept", b"*/*"), (b"host", host)], "scheme": scheme}


@pytest.mark.parametrize("host", [b"bsm.example", b"127.0.0.1:8000", b"[::1]:8000", b"localhost"])
def test_a_host_that_a_rule_can_name(host: bytes) -> None:
    assert origin_of(scope(host)) == f"https://{host.decode()}"  # type: ignore[arg-type]


@given(st.binary(max_size=40))
def test_no_host_adds_a_rule(host: bytes) -> None:
    origin = origin_of(scope(host))  # type: ignore[arg-type]
    assert origin is None or not set(origin) & set(" ;,'\"*\r\n\t")


def test_every_rule_names_the_files_of_this_bundle_alone() -> None:
    base = "https://bsm.example/plugin-ui/acme.board/0f/1e/"
    rules = headers_for(base, "https://bsm.example")["Content-Security-Policy"].split("; ")
    named = dict(rule.partition(" ")[::2] for rule in rules)
    assert named["sandbox"] == "allow-scripts allow-forms allow-downloads"
    assert named["script-src"] == base
    assert named["style-src"] == f"{base} 'unsafe-inline'"
    assert {name for name, value in named.items() if value == "'none'"} == {
        *("default-src", "connect-src", "frame-src", "worker-src", "object-src", "form-action", "base-uri"),
    }


@pytest.mark.parametrize("path", ["a.js", "deep/a.mjs", "A.JS"])
def test_every_script_begins_without_what_leaves_by_itself(path: str) -> None:
    served = as_served(path, b"one\ntwo")
    assert b"RTCPeerConnection" in served.splitlines()[0]
    assert served.endswith(b"one\ntwo")
    assert len(served.splitlines()) == 2


@pytest.mark.parametrize("path", ["a.html", "a.css", "a.png"])
def test_other_files_are_served_as_they_are(path: str) -> None:
    assert as_served(path, b"as it is") == b"as it is"


@pytest.mark.parametrize("path", ["a.php", "a", "a.wasm", "a.exe", "a.xhtml", "js", "a.js.txt.xml"])
def test_what_frames_do_not_load(path: str) -> None:
    with pytest.raises(NotFound):
        kind_of(path)


def test_every_kind_that_is_promised_is_served() -> None:
    assert all(kind_of(f"a.{end}") for end in SERVED)


@given(st.tuples(st.binary(min_size=1), st.text(), st.text()), st.tuples(st.binary(min_size=1), st.text(), st.text()))
def test_a_key_is_for_one_bundle_of_one_plugin(one: tuple[bytes, str, str], other: tuple[bytes, str, str]) -> None:
    if " " not in one[1] + other[1]:
        assert (key_for(*one) == key_for(*other)) == (one == other)
