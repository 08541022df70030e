"""What is checked of a bundle before it becomes a submission: who signed it, whose it is, whether it is new."""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.bundle import TrustedKey, VerifiedBundle, open_bundle
from rising_bsm.errors import InvalidInput
from rising_bsm.marketplace.submissions.errors import KeyRevoked, KnownVersion, OldVersion
from rising_bsm.marketplace.submissions.queries import ShelfQueries
from rising_bsm.marketplace.submissions.tables import Submission

CHANNELS = ("stable", "beta")


class NoKeys(InvalidInput):
    """The caller owns no publisher with a key, so nothing can be signed by it."""

    code = "submissions.no_keys"


@dataclass(frozen=True)
class Upload:
    """A bundle that its publisher's owner has brought."""

    bundle: VerifiedBundle
    data: bytes
    channel: str


def checked_channel(channel: str) -> str:
    """The channel as it is; raises InvalidInput (`submissions.channel`)."""
    if channel not in CHANNELS:
        raise InvalidInput(
            "There is no such channel.", code="submissions.channel", place="channel", next_step="stable or beta."
        )
    return channel


async def keys_of(session: AsyncSession, actor: Actor) -> list[TrustedKey]:
    """The keys of the publishers that the actor acts for; raises NoKeys when there are none."""
    shelf = ShelfQueries(session)
    keys = await shelf.keys_of(await shelf.owned_by(actor.user_id))
    if not keys:
        raise NoKeys(
            "There is no publisher of yours with a key.",
            place="publisher",
            next_step="`rising-bsm publishers create NAME`, then `rising-bsm publishers keys add NAME`.",
        )
    return keys


def opened(data: bytes, keys: Iterable[TrustedKey], channel: str) -> Upload:
    """The bundle if one of these keys has signed it; raises BundleError. Nothing in it is run or unpacked to disk."""
    return Upload(open_bundle(data, list(keys)), data, checked_channel(channel))


async def check_key(session: AsyncSession, submission: Submission) -> None:
    """Raises KeyRevoked if the key that has signed the submission counts no more."""
    key = await ShelfQueries(session).key(submission.key_id)
    if key is None or key.revoked_at is not None:
        raise KeyRevoked(
            "The key that has signed this bundle was revoked.",
            place=submission.key_id,
            next_step="Sign it with a key of the publisher that counts, and submit it again.",
        )


def check_new(plugin_id: str, version: str, known: Iterable[str]) -> None:
    """Raises KnownVersion or OldVersion unless the version is higher than all that were ever approved."""
    versions = {Version(text): text for text in known}
    mine = Version(version)
    if mine in versions:
        raise KnownVersion(
            f"{plugin_id} {versions[mine]} is there already, and a version is never replaced.",
            place=versions[mine],
            next_step="Give it a higher version in pyproject.toml, and build and sign it again.",
        )
    if versions and mine < max(versions):
        highest = versions[max(versions)]
        raise OldVersion(
            f"{plugin_id} {highest} is there already, which is higher than {version}.",
            place=highest,
            next_step=f"Give it a version above {highest}.",
        )
