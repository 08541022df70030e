from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rising_bsm.errors import InvalidInput
from rising_bsm.licensing import INSTANCE_REQUEST, LICENCE, Licence, LicenceType, open_licence, seal, sign_licence
from support.bundles import make_key
from support.licences import INSTANCE_KEY, MARKET_KEY, PLUGIN, START, make_licence

OTHER = make_key(3)


def opened(envelope: object, **changes: Any) -> Licence:
    values = {"instance": INSTANCE_KEY.public_key, "plugin": PLUGIN} | changes
    return open_licence(envelope, [MARKET_KEY.public_key], **values)


def refused(envelope: object, **changes: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        opened(envelope, **changes)
    assert caught.value.next_step or caught.value.code == "license.bad_document"
    return caught.value.code


def resealed(**changes: Any) -> dict[str, Any]:
    return seal(make_licence().model_dump(mode="json") | changes, MARKET_KEY, LICENCE)


moments = st.datetimes(datetime(2000, 1, 2), datetime(2999, 12, 30), timezones=st.just(UTC))


@given(
    moments,
    st.none() | moments,
    st.sampled_from(LicenceType),
    st.dictionaries(st.from_regex("^[a-z0-9][a-z0-9_.-]{0,9}$", fullmatch=True), st.integers(0, 2**53 - 1), max_size=3),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_a_licence_opens_as_what_was_signed(
    issued: datetime, expires: datetime | None, kind: LicenceType, limits: dict[str, int], holder: str
) -> None:
    licence = make_licence(issued_at=issued, expires_at=expires, type=kind, limits=limits, holder=holder)

    assert opened(sign_licence(licence, MARKET_KEY)) == licence


def test_a_licence_of_another_instance_is_of_no_use() -> None:
    envelope = sign_licence(make_licence(), MARKET_KEY)

    assert refused(envelope, instance=OTHER.public_key) == "license.other_instance"


def test_a_licence_for_another_plugin_is_of_no_use() -> None:
    envelope = sign_licence(make_licence(), MARKET_KEY)

    assert refused(envelope, plugin="acme.other") == "license.other_plugin"


def test_nobody_signs_licences_but_the_marketplace() -> None:
    assert refused(sign_licence(make_licence(), INSTANCE_KEY)) == "license.bad_document"


def test_a_request_is_no_licence() -> None:
    envelope = seal(make_licence().model_dump(mode="json"), MARKET_KEY, INSTANCE_REQUEST)

    assert refused(envelope) == "license.bad_document"


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown": 1},
        {"id": "7"},
        {"id": "00000000-0000-0000-0000-00000000000A"},
        {"id": "{00000000-0000-0000-0000-000000000007}"},
        {"plugin": "acme"},
        {"plugin": "Acme.test"},
        {"type": "free"},
        {"type": "TRIAL"},
        {"entitlements": "all"},
        {"entitlements": ["A b"]},
        {"entitlements": ["x"] * 101},
        {"limits": {"a": -1}},
        {"limits": {"a": True}},
        {"limits": {"a": "1"}},
        {"limits": {"": 1}},
        {"max_installs": 0},
        {"max_installs": True},
        {"max_installs": 10**7},
        {"holder": None},
        {"holder": "x" * 201},
        {"instance": None},
        {"issued_at": "2026-03-01T12:00:00Z"},
        {"issued_at": "2026-03-01 12:00:00.000000Z"},
        {"issued_at": "1772366400"},
        {"issued_at": 1772366400},
        {"expires_at": "never"},
        {"expires_at": "2026-03-01T12:00:00.000000"},
        {"valid_until": None},
        {"valid_until": "2026-03-01T12:00:00.000000Z"},  # when it was issued
        {"valid_until": "3000-01-01T00:00:00.000000Z"},
        {"grace_days": -1},
        {"grace_days": 91},
        {"grace_days": None},
        {"seq": 0},
        {"seq": 2**53},
        {"nonce": ""},
        {"nonce": "with spaces in it"},
        {"nonce": "x" * 65},
    ],
)
def test_a_signed_licence_with_a_wrong_member_is_refused(changes: dict[str, Any]) -> None:
    assert refused(resealed(**changes)) == "license.bad_document"


@pytest.mark.parametrize("name", list(Licence.model_fields))
def test_a_licence_names_everything(name: str) -> None:
    values = make_licence().model_dump(mode="json")
    del values[name]

    assert refused(seal(values, MARKET_KEY, LICENCE)) == "license.bad_document"


def test_a_licence_without_a_zone_cannot_be_made() -> None:
    with pytest.raises(ValidationError):
        make_licence(expires_at=datetime(2026, 3, 1))


def test_a_licence_ends_after_it_began() -> None:
    with pytest.raises(ValidationError):
        make_licence(valid_until=START - timedelta(seconds=1))
