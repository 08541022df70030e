"""What becomes of approved versions: released, deprecated, suspended, revoked; and the index says so at once."""

from typing import Any

from packaging.version import Version

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.db import Database
from rising_bsm.marketplace.catalogue.releasing import set_status
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketVersion
from rising_bsm.marketplace.publishing.errors import NotTheOwner, NoVersion, WrongStatus
from rising_bsm.marketplace.publishing.publishers import owned_or_operated
from rising_bsm.marketplace.publishing.schema import Change, ReasonedChange
from rising_bsm.marketplace.publishing.suspending import check_goes_on
from rising_bsm.marketplace.submissions.approval import Shelving
from rising_bsm.marketplace.submissions.queries import ShelfQueries
from rising_bsm.marketplace.submissions.rights import MANAGE
from rising_bsm.marketplace.submissions.states import VERSION_MOVES, Role

VERBS = {
    "release": VersionStatus.PUBLISHED,
    "deprecate": VersionStatus.DEPRECATED,
    "suspend": VersionStatus.SUSPENDED,
    "revoke": VersionStatus.REVOKED,
}


class Versions:
    """The approved versions of this marketplace's plugins."""

    def __init__(self, database: Database, shelving: Shelving) -> None:
        self._database = database
        self._shelving = shelving

    async def list(self, actor: Actor, plugin_id: str) -> list[dict[str, Any]]:
        """The versions of a plugin, the highest first; whoever neither owns nor operates sees those to be had."""
        async with self._database.reading() as session:
            shelf = ShelfQueries(session)
            versions, owner = await shelf.versions_of(plugin_id), await shelf.owner_of(plugin_id.partition(".")[0])
        if not actor.may(MANAGE) and (actor.user_id is None or actor.user_id != owner):
            versions = [one for one in versions if one.to_be_had]
        if not versions:
            raise NoVersion(f"There is no version of {plugin_id[:81]} here.", place=plugin_id[:81])
        versions.sort(key=lambda one: Version(one.version), reverse=True)
        return [{"plugin_id": one.plugin_id} | one.as_dict() for one in versions]

    async def change(self, actor: Actor, plugin_id: str, version: str, verb: str, draft: object) -> MarketVersion:
        """The version is released, deprecated, suspended or revoked, and listed as that in the same transaction.

        Raises InvalidInput, NoVersion, NoPublisher, NotTheOwner, PublisherSuspended, WrongStatus.
        """
        end = VERBS[verb]
        said = (Change if end == VersionStatus.PUBLISHED else ReasonedChange).of({} if draft is None else draft)
        async with self._database.transaction() as session:
            publisher = plugin_id.partition(".")[0]
            owner = await owned_or_operated(session, actor, publisher)
            await ShelfQueries(session).lock(publisher)
            if end == VersionStatus.PUBLISHED:
                await check_goes_on(session, publisher)
            found = await ShelfQueries(session).version(plugin_id, version)
            if found is None:
                raise NoVersion(f"There is no version {version[:60]} of {plugin_id[:81]} here.", place=version[:60])
            roles = _roles(actor, is_owner=owner is not None and owner == actor.user_id)
            _check(VersionStatus(found.status), end, roles, publisher)
            await set_status(session, plugin_id, version, end, said.reason or None, security=said.security)
            about = {"plugin": plugin_id, "version": version, "reason": said.reason}
            record(session, actor, f"versions.{verb}", "plugin_version", f"{plugin_id} {version}", about)
            await self._shelving.list_version(session, plugin_id, version)
            await session.refresh(found)
        return found


def _roles(actor: Actor, *, is_owner: bool) -> set[Role]:
    return ({Role.OWNER} if is_owner else set()) | ({Role.OPERATOR} if actor.may(MANAGE) else set())


def _check(start: VersionStatus, end: VersionStatus, roles: set[Role], publisher: str) -> None:
    allowed = VERSION_MOVES.get((start, end))
    if allowed is None:
        raise WrongStatus(
            f"The version is {start}, and cannot become {end} from there.",
            place=str(start),
            next_step="See what there is with `rising-bsm versions list`.",
        )
    if not allowed & roles:
        raise NotTheOwner(
            f"Only {' or '.join(sorted(allowed))} may do this.",
            place=publisher,
            next_step="Ask the operator of this marketplace.",
        )
