"""The licence file: what a marketplace has sold to one instance for one plugin, signed, and valid without a network.

It is a lease as well: it counts until `valid_until`, and each heartbeat is answered with a fresh one.
"""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rising_bsm.bundle import PublicKey, SigningKey, canonical
from rising_bsm.bundle.fields import PluginId
from rising_bsm.licensing.documents import LICENCE, open_sealed, seal
from rising_bsm.licensing.errors import ASK_AGAIN, BadDocument
from rising_bsm.licensing.moments import Moment
from rising_bsm.licensing.requests import LARGEST_SEQ

LEASE = timedelta(hours=24)
"""How long a licence file counts unless the marketplace says otherwise."""


class LicenceType(StrEnum):
    """What was sold."""

    TRIAL = "trial"
    BASIC = "basic"
    PREMIUM = "premium"
    ENTERPRISE = "enterprise"


Entitlement = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_.-]{0,59}$")]
Limit = Annotated[int, Field(ge=0, le=2**53 - 1)]


class Licence(BaseModel):
    """A licence as its marketplace signed it.

    `instance` is the public key (text form) of the instance that may use it; `issued_at` is the marketplace's clock.
    `expires_at` is the end of what was paid for, None for never; `valid_until` is the end of this file, `grace_days`
    what comes after that. `seq` grows from file to file, `nonce` is what the next heartbeat brings back.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    id: UUID
    plugin: PluginId
    type: LicenceType
    entitlements: Annotated[tuple[Entitlement, ...], Field(max_length=100)] = ()
    limits: Annotated[dict[Entitlement, Limit], Field(max_length=100)] = {}
    max_installs: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    holder: Annotated[str, Field(max_length=200)] = ""
    instance: str
    issued_at: Moment
    expires_at: Moment | None = None
    valid_until: Moment
    grace_days: Annotated[int, Field(ge=0, le=90)] = 7
    seq: Annotated[int, Field(ge=1, le=LARGEST_SEQ)]
    nonce: Annotated[str, Field(pattern="^[0-9A-Za-z_-]{16,64}$")]

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.valid_until <= self.issued_at:
            raise ValueError("must be valid for some time")
        return self


def sign_licence(licence: Licence, key: SigningKey) -> dict[str, Any]:
    """The licence file, as JSON."""
    return seal(licence.model_dump(mode="json"), key, LICENCE)


def open_licence(envelope: object, keys: Collection[PublicKey], *, instance: PublicKey, plugin: str) -> Licence:
    """The licence, if one of the keys has signed it, for this instance and this plugin.

    Raises BadDocument: `license.bad_document`, `license.other_instance`, `license.other_plugin`.
    """
    licence = read_licence(open_sealed(envelope, keys, LICENCE)[0])
    if licence.instance != str(instance):
        message, step = "The licence is for another instance.", "Release it there, and activate its key here."
        raise BadDocument(message, code="license.other_instance", place="instance", next_step=step)
    if licence.plugin != plugin:
        message = f"The licence is for {licence.plugin}, not for {plugin}."
        raise BadDocument(message, code="license.other_plugin", place="plugin", next_step=ASK_AGAIN)
    return licence


def read_licence(payload: dict[str, Any]) -> Licence:
    """The licence in a payload whose signature was checked; raises BadDocument."""
    try:
        licence = Licence.model_validate_json(canonical.encode(payload))
    except ValidationError as error:
        raise BadDocument("The licence has members that are wrong, missing or unknown.", place=LICENCE) from error
    if licence.model_dump(mode="json") != payload:
        raise BadDocument("The licence is not spelled in the one canonical way.", place=LICENCE)
    return licence
