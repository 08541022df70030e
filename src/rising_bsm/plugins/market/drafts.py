"""What is to be acquired, as it is asked for and as the journal begins with it."""

from collections.abc import Collection
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictStr, model_validator

from rising_bsm.accounts import Actor
from rising_bsm.accounts.validation import Input
from rising_bsm.bundle.fields import PluginId, VersionText
from rising_bsm.db import uuid7
from rising_bsm.plugins.market.tables import Acquisition, Progress


class InstallDraft(Input):
    """What is to be installed; `grant` are optional permissions, a plugin that is paid for needs a key or a trial.

    With `bundle_sha256`, the digest that the index lists, it is that bundle or none: what somebody was shown.
    """

    refusal: ClassVar[str] = "market.invalid_install"

    plugin: PluginId
    version: VersionText | None = None
    bundle_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    channel: Literal["stable", "beta"] = "stable"
    license_key: Annotated[StrictStr | None, Field(max_length=100, repr=False)] = None
    trial: bool = False
    grant: Annotated[tuple[StrictStr, ...], Field(max_length=100)] = ()
    with_dependencies: bool = False

    @model_validator(mode="after")
    def _key_or_trial(self) -> "InstallDraft":
        if self.license_key and self.trial:
            raise ValueError("This must have either license_key or trial.")
        return self

    @property
    def licence(self) -> Literal["key", "trial", "held"]:
        """Where the licence comes from, if the plugin needs one."""
        return "key" if self.license_key else "trial" if self.trial else "held"


def new_row(
    actor: Actor,
    plugin_id: str,
    kind: Literal["install", "update"],
    version: str | None,
    channel: str,
    chosen: Collection[str],
    *,
    licence: Literal["key", "trial", "held"] = "held",
    with_dependencies: bool = False,
) -> Acquisition:
    """The journal of an acquisition that has not begun."""
    return Acquisition(
        id=uuid7(),
        plugin_id=plugin_id,
        kind=kind,
        state=Progress.RUNNING,
        running_for=plugin_id,
        version=version,
        channel=channel,
        steps=[],
        chosen=sorted(set(chosen)),
        with_dependencies=with_dependencies,
        licence=licence,
        reserved=False,
        attempts=1,
        user_id=actor.user_id,
        user_name=actor.name,
        permissions=sorted(actor.permissions),
    )
