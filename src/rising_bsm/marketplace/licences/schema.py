"""What may be sold and changed, and what instances may ask about licences."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field

from rising_bsm.accounts.validation import NULL_IS_EMPTY, ONE_LINE, SEVERAL_LINES, Input
from rising_bsm.bundle.fields import PluginId, VersionText
from rising_bsm.business.fields import Moment, Reference
from rising_bsm.db import now
from rising_bsm.licensing.licence import Entitlement, Limit
from rising_bsm.marketplace.instances.schema import Asked, Nonce, ReportedPlugin, Url

MOST_INSTALLS = 1_000_000
MOST_PLUGINS, MOST_LICENCES = 500, 200
"""What one heartbeat may be about."""


def _in_the_future(moment: datetime) -> datetime:
    if moment <= now():
        raise ValueError("This moment is over.")
    return moment


def _different(names: list[str]) -> list[str]:
    return sorted(set(names))


Expiry = Annotated[Moment, AfterValidator(_in_the_future)]
Installs = Annotated[int, Field(ge=1, le=MOST_INSTALLS)]
Limits = Annotated[dict[Entitlement, Limit], Field(max_length=100)]
Entitlements = Annotated[list[Entitlement], Field(max_length=100), AfterValidator(_different)]
Reason = Annotated[str, Field(min_length=1, max_length=500), SEVERAL_LINES]
Note = Annotated[str, Field(max_length=500), SEVERAL_LINES, NULL_IS_EMPTY]


class _Given(Input):
    model_config = ConfigDict(strict=True)
    refusal: ClassVar[str] = "license.invalid"


class Sale(_Given):
    """A licence to be sold; without `expires_at` it lasts for ever. `reason` is for the activity log."""

    plugin: PluginId
    type: Literal["trial", "basic", "premium", "enterprise"] = "basic"
    holder: Annotated[str, Field(min_length=1, max_length=200), ONE_LINE]
    max_installs: Installs = 1
    limits: Limits = Field(default={})
    entitlements: Entitlements = Field(default=[])
    grace_days: Annotated[int, Field(ge=0, le=90)] = 7
    expires_at: Expiry | None = None
    reason: Note = ""


class Decision(_Given):
    """Why a licence is suspended or revoked; its holder reads it."""

    reason: Reason


class Remark(_Given):
    """Why, if somebody cares to say."""

    reason: Note = ""


class Renewal(Remark):
    """When a licence ends from now on; null for never."""

    expires_at: Expiry | None


class Upgrade(Remark):
    """What a licence allows from now on; what is left out stays, and lists and limits are replaced as a whole."""

    type: Literal["basic", "premium", "enterprise"] | None = None
    max_installs: Installs | None = None
    limits: Limits | None = None
    entitlements: Entitlements | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """The new values by the names of their columns."""
        return self.model_dump(exclude={"reason"}, exclude_none=True)


class LicenceQuery(Input):
    """Which licences, and how many at once. Text as it comes in a URL is understood (`limit="20"`)."""

    refusal: ClassVar[str] = "license.invalid_query"

    plugin: PluginId | None = None
    holder: Annotated[str, Field(max_length=200), ONE_LINE] | None = None
    status: Literal["active", "suspended", "revoked"] | None = None
    cursor: Reference | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class Activate(Asked):
    """A key to be activated; `staging` says that nobody works on that instance, `move` that it may take a seat."""

    plugin: PluginId
    key: Annotated[str, Field(min_length=1, max_length=100, repr=False)]
    url: Url = ""
    staging: bool = False
    move: bool = False
    nonce: Nonce | None = None


class Try(Asked):
    """A plugin to be tried."""

    plugin: PluginId
    url: Url = ""
    nonce: Nonce | None = None


class HeldThere(Asked):
    """A licence that an instance wants renewed; `nonce` comes back in what it gets."""

    id: Reference
    nonce: Nonce | None = None


class Heartbeat(Asked):
    """What an instance runs, and the licences that it holds; a `partial` one leaves out some of what it runs."""

    plugins: Annotated[list[ReportedPlugin], Field(max_length=MOST_PLUGINS)] = Field(default=[])
    licenses: Annotated[list[HeldThere], Field(max_length=MOST_LICENCES)] = Field(default=[])
    partial: bool = False


class Release(Asked):
    """A licence that an instance does not use any more."""

    license: Reference


class WantedVersion(Asked):
    """A version that an instance wants to download."""

    plugin: PluginId
    version: Annotated[VersionText, Field(max_length=60)]


class Redeem(Asked):
    """A download token."""

    token: Annotated[str, Field(min_length=1, max_length=100, repr=False)]
