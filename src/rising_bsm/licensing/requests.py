"""What an instance asks of a marketplace, signed with the instance's own key: whoever asks proves to hold it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rising_bsm.bundle import InvalidKey, PublicKey, SigningKey
from rising_bsm.licensing.content import check_wrap_key
from rising_bsm.licensing.documents import INSTANCE_REQUEST, open_sealed, seal, unverified
from rising_bsm.licensing.errors import BadDocument
from rising_bsm.licensing.moments import Moment

LARGEST_SEQ = 2**53 - 1
"""What every reader of JSON can hold; in milliseconds since 1970 that is the year 287396."""


@dataclass(frozen=True)
class InstanceRequest:
    """A request whose signature was checked: `instance` has signed it, and nobody else can have.

    `seq` grows from request to request of one instance, `time` is the instance's own clock, `wrap_key` is where
    content keys are to be wrapped for.
    """

    action: str
    instance: PublicKey
    wrap_key: str
    seq: int
    time: datetime
    fields: Mapping[str, Any]


class _Payload(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    action: Annotated[str, Field(pattern="^[a-z][a-z_/-]{0,39}$")]
    instance: str
    wrap_key: str
    seq: Annotated[int, Field(ge=1, le=LARGEST_SEQ)]
    time: Moment
    fields: dict[str, Any]


def make_request(
    action: str, fields: Mapping[str, Any], *, signing: SigningKey, wrap_key: str, seq: int, time: datetime
) -> dict[str, Any]:
    """The signed request, as JSON; `fields` hold no fractions."""
    instance = str(signing.public_key)
    payload = _Payload(action=action, instance=instance, wrap_key=wrap_key, seq=seq, time=time, fields=dict(fields))
    return seal(payload.model_dump(mode="json"), signing, INSTANCE_REQUEST)


def read_request(envelope: object, action: str) -> InstanceRequest:
    """The request, if the instance that it names has signed it for this action; raises BadDocument."""
    try:
        instance = PublicKey.parse(str(unverified(envelope, INSTANCE_REQUEST).get("instance")))
    except InvalidKey as error:
        raise _refused("names no instance that could have signed it") from error
    signed, _ = open_sealed(envelope, [instance], INSTANCE_REQUEST)
    payload = _checked(signed)
    if payload.action != action:
        raise _refused(f"is for {payload.action}, not for {action}")
    return InstanceRequest(action, instance, payload.wrap_key, payload.seq, payload.time, payload.fields)


def _checked(signed: dict[str, Any]) -> _Payload:
    try:
        payload = _Payload.model_validate(signed | {"time": _moment(signed.get("time"))})
    except ValidationError as error:
        raise _refused("has members that are wrong, missing or unknown") from error
    if payload.model_dump(mode="json") != signed:
        raise _refused("is not spelled in the one canonical way")
    check_wrap_key(payload.wrap_key)
    return payload


def _moment(text: object) -> object:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _refused(reason: str) -> BadDocument:
    return BadDocument(f"The request of an instance {reason}.", place=INSTANCE_REQUEST)
