"""What a marketplace says is read as what a stranger says."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.plugins.market.offers import Card, Cards, Facts, Offer, Publisher, Reviews
from rising_bsm.plugins.market.transport import MarketRefused

BY = {"name": "acme", "display_name": "Acme", "verified": True}
CARD: dict[str, Any] = {
    "id": "acme.hello",
    "publisher": BY,
    "display_name": "Hello",
    "description": "Greets.",
    "category": "tools",
    "type": "mixed",
    "pricing": "free",
}
OFFER: dict[str, Any] = CARD | {"license": "MIT"}
VERSION: dict[str, Any] = {
    "version": "1.0.0",
    "channel": "stable",
    "status": "published",
    "bundle_size": 3,
    "host": ">=0.1",
}
PUBLISHER: dict[str, Any] = BY | {"since": "2026-01-01T00:00:00+00:00"}

STRANGE: list[tuple[str, Any, Any]] = [
    ("no object", Card, []),
    ("no id", Card, CARD | {"id": "../../secret"}),
    ("no number", Card, CARD | {"installs": "many"}),
    ("fewer than none", Card, CARD | {"installs": -1}),
    ("an icon elsewhere", Card, CARD | {"icon_sha256": "https://tracker.example/a.png"}),
    ("a price of its own", Card, CARD | {"pricing": "<b>gratis</b>"}),
    ("a script as homepage", Offer, OFFER | {"homepage": "javascript:alert(1)"}),
    ("a homepage with a name", Offer, OFFER | {"homepage": "https://bank.example@evil.example/"}),
    ("data as support", Offer, OFFER | {"support": "data:text/html,x"}),
    ("a screenshot elsewhere", Offer, OFFER | {"screenshots": ["//evil.example/a.png"]}),
    ("a script as website", Publisher, PUBLISHER | {"website": "javascript:alert(1)"}),
    ("no version", Facts, VERSION | {"plugin": CARD, "version": "<1>"}),
    ("a permission that is none", Facts, VERSION | {"plugin": CARD, "permissions": [{"code": "<script>"}]}),
    ("six stars", Reviews, {"items": [{"stars": 6}]}),
    ("a list that is none", Cards, {"items": "x"}),
]


@pytest.mark.parametrize(("kind", "answer"), [row[1:] for row in STRANGE], ids=[row[0] for row in STRANGE])
def test_what_is_strange_is_refused(kind: Any, answer: Any) -> None:
    with pytest.raises(MarketRefused) as refused:
        kind.read(answer)
    assert refused.value.code == "market.strange_answer"


def test_what_is_unknown_is_passed_over_and_what_cannot_be_seen_is_shown() -> None:
    card = Card.read(CARD | {"colour": "red", "display_name": "Hel\u202elo\x1b"})
    assert card.display_name == "Hel\\u202elo\\x1b"
    assert Offer.read(OFFER | {"resources": []}).resources == []
    assert Facts.read(VERSION | {"plugin": CARD, "resources": {"memory_mib": 64}}).needs.memory_mib == 64


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.sampled_from([Card, Cards, Offer, Publisher, Facts, Reviews]), st.sampled_from([*OFFER, "versions"]), _JSON)
def test_whatever_is_said_is_read_or_refused(kind: Any, field: str, value: Any) -> None:
    with suppress(MarketRefused):
        kind.read(OFFER | PUBLISHER | VERSION | {"plugin": CARD, "items": [], field: value})
