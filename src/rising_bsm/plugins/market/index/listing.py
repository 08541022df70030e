"""What the index says of a version: signed by the marketplace, and the same for everybody."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from rising_bsm.bundle import PublicKey
from rising_bsm.bundle.fields import PluginId, VersionText

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Size = Annotated[int, Field(ge=0)]
Channel = Literal["stable", "beta"]
Status = Literal["approved", "published", "deprecated", "suspended", "revoked"]
TO_BE_HAD = ("published", "deprecated")


class _Part(BaseModel):
    # What a later marketplace says in addition is passed over; what it says otherwise is refused.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class Listing(_Part):
    """One version, as the index lists it beside size and digest of what is handed out.

    `bundle_*` are about the bundle that the author signed with one of `publisher_keys` (in their text form), namely
    that with the id `key_id`, which indexes of earlier marketplaces do not say; sizes in bytes, digests SHA-256 in hex.
    `permissions` and `network` are codes and host names.
    """

    plugin: PluginId
    version: VersionText
    channel: Channel
    status: Status
    reason: str | None = None
    bundle_sha256: Sha256
    bundle_size: Size
    encrypted: bool
    publisher: str
    publisher_keys: tuple[str, ...]
    key_id: str | None = None
    permissions: tuple[str, ...]
    optional_permissions: tuple[str, ...] = ()
    network: tuple[str, ...]
    host: str
    dependencies: dict[str, str]
    security: bool
    pricing: str
    released_at: AwareDatetime | None


class VersionStanding(_Part):
    """One of a plugin's versions in the list of all of them; `blob_sha256` is that of what is handed out."""

    channel: Channel
    status: Status
    blob_sha256: Sha256


class PluginVersions(_Part):
    """Every version of a plugin that was ever listed."""

    plugin: PluginId
    versions: dict[VersionText, VersionStanding]


class Listed(Listing):
    """A version that the index lists; `blob_*` are what must arrive when it is downloaded (bytes, SHA-256 in hex).

    With `stale`, the marketplace could not be asked: good enough to show, never to install.
    """

    blob_sha256: Sha256
    blob_size: Size
    stale: bool

    @property
    def may_be_installed(self) -> bool:
        """Whether the marketplace hands it out, as of now."""
        return self.status in TO_BE_HAD and not self.stale

    @property
    def keys(self) -> list[PublicKey]:
        """The keys with which its author may have signed it; raises InvalidKey."""
        return [PublicKey.parse(text) for text in self.publisher_keys]
