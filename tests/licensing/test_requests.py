import base64
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rising_bsm.bundle.curve import SMALL_ORDER
from rising_bsm.bundle.keys import TEXT_PREFIX
from rising_bsm.licensing import (
    INSTANCE_REQUEST,
    LICENCE,
    BadDocument,
    make_request,
    open_sealed,
    read_request,
    seal,
    wrap_public,
)
from support.bundles import make_key

KEY, OTHER = make_key(1), make_key(2)
TIME = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
WRAP = wrap_public(X25519PrivateKey.from_private_bytes(bytes([1]) * 32))


assert base64.b64decode(WRAP[:-2] + chr(ord(WRAP[-2]) + 1) + "=") == base64.b64decode(WRAP)


def made(**changes: Any) -> dict[str, Any]:
    values = {"signing": KEY, "wrap_key": WRAP, "seq": 5, "time": TIME} | changes
    return make_request("activate", {"plugin": "acme.test"}, **values)


def payload(**changes: Any) -> dict[str, Any]:
    return open_sealed(made(), [KEY.public_key], INSTANCE_REQUEST)[0] | changes


def refused(envelope: object, action: str = "activate") -> str:
    with pytest.raises(BadDocument) as caught:
        read_request(envelope, action)
    return caught.value.message


def test_a_request_says_who_asks_what() -> None:
    request = read_request(made(), "activate")

    assert (request.action, request.instance, request.wrap_key) == ("activate", KEY.public_key, WRAP)
    assert (request.seq, request.time, request.fields) == (5, TIME, {"plugin": "acme.test"})


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    east = TIME.astimezone(timezone(timedelta(hours=14)))

    assert read_request(made(time=east), "activate").time == TIME


def test_a_request_is_for_one_action() -> None:
    assert "not for release" in refused(made(), "release")


def test_nobody_asks_in_the_name_of_another_instance() -> None:
    forged = seal(payload(), OTHER, INSTANCE_REQUEST)

    assert "not trusted" in refused(forged)


def test_a_licence_is_no_request() -> None:
    assert "another type" in refused(seal(payload(), KEY, LICENCE))


@pytest.mark.parametrize("raw", sorted(SMALL_ORDER)[:4], ids=lambda raw: raw.hex()[:8])
def test_a_key_that_anybody_can_sign_for_is_no_instance(raw: bytes) -> None:
    text = TEXT_PREFIX + base64.b64encode(raw).decode()

    assert "no instance" in refused(seal(payload(instance=text), KEY, INSTANCE_REQUEST))


@pytest.mark.parametrize(
    "changes",
    [
        {"instance": None},
        {"instance": "rbsm-ed25519:"},
        {"instance": ["x"]},
        {"extra": 1},
        {"seq": 0},
        {"seq": -1},
        {"seq": "5"},
        {"seq": True},
        {"seq": 2**53},
        {"time": "2026-03-01T12:30:00Z"},
        {"time": "2026-03-01T12:30:00.000000+00:00"},
        {"time": "2026-03-01T12:30:00.000000"},
        {"time": "0001-01-01T00:00:00.000000Z"},
        {"time": "9999-12-31T23:59:59.999999Z"},
        {"time": "2026-02-29T00:00:00.000000Z"},
        {"time": 1},
        {"time": None},
        {"fields": []},
        {"fields": None},
        {"action": "Activate"},
        {"action": ""},
        {"action": "a" * 41},
        {"wrap_key": ""},
        {"wrap_key": WRAP + "\n"},
        {"wrap_key": WRAP[:-2] + chr(ord(WRAP[-2]) + 1) + "="},  # the same bytes again
        {"wrap_key": base64.b64encode(bytes(32)).decode()},  # agrees with everybody on zero
        {"wrap_key": base64.b64encode(b"\x01" + bytes(31)).decode()},
        {"wrap_key": base64.b64encode((2**255 - 10).to_bytes(32, "little")).decode()},
        {"wrap_key": base64.b64encode(bytes(31)).decode()},
        {"wrap_key": 1},
    ],
)
def test_a_request_with_a_wrong_member_is_refused(changes: dict[str, Any]) -> None:
    refused(seal(payload(**changes), KEY, INSTANCE_REQUEST), changes.get("action", "activate"))


@pytest.mark.parametrize("name", ["action", "instance", "wrap_key", "seq", "time", "fields"])
def test_a_request_lacks_nothing(name: str) -> None:
    rest = payload()
    del rest[name]

    refused(seal(rest, KEY, INSTANCE_REQUEST))
