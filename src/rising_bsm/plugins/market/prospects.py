"""What would come with a version of a plugin, told before anything of it is here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from rising_bsm.accounts import PERMISSIONS, Actor
from rising_bsm.accounts.permissions import PEOPLE_ONLY
from rising_bsm.db import Database
from rising_bsm.plugins.market.choosing import choose
from rising_bsm.plugins.market.client import MarketClient
from rising_bsm.plugins.market.index import IndexClient, Listed
from rising_bsm.plugins.market.offers import Facts, Place, Request
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.plugins.states import State
from rising_bsm.plugins.tables import InstalledPlugin, PublisherKey


@dataclass(frozen=True)
class Collision:
    """Something of another plugin that it meets: `kind` is `conflict`, `missing` or `hook`, `detail` what exactly."""

    kind: str
    plugin: str
    detail: str = ""


@dataclass(frozen=True)
class Prospect:
    """A version that could be installed: what the signed index lists, and what the catalogue says beside it.

    `trusted` are the ids of its publisher's keys that count here already, `installed` is the version that is here.
    `refused` has for each permission that it asks for, and cannot be granted by this actor, why not.
    """

    listed: Listed
    facts: Facts
    trusted: frozenset[str]
    installed: str | None
    collisions: Sequence[Collision]
    refused: Mapping[str, str]

    @property
    def permissions(self) -> Sequence[Request]:
        """What it needs: the index decides which, the catalogue says why."""
        return _with_reasons(self.listed.permissions, self.facts.permissions)

    @property
    def optional_permissions(self) -> Sequence[Request]:
        """What it can do without."""
        return _with_reasons(self.listed.optional_permissions, self.facts.optional_permissions)

    @property
    def network(self) -> Sequence[Place]:
        """Where it talks to: the index decides, the catalogue says why."""
        known = {place.url: place for place in self.facts.network or ()}
        return [known.get(url) or Place(url=url) for url in self.listed.network]


class Prospects:
    """Prospects of this instance. Raises what the index and the marketplace raise."""

    def __init__(self, database: Database, market: MarketClient, index: IndexClient) -> None:
        self._database = database
        self._market = market
        self._index = index

    async def of(self, actor: Actor, plugin_id: str, version: str | None, channel: str = "stable") -> Prospect:
        """The version, or the newest of the channel that can be had here. Raises PermissionDenied, NoVersion,
        Condemned, WrongHost."""
        actor.require("plugins.manage")
        # What was released or revoked a moment ago, counts.
        await self._index.refresh()
        listed = await choose(self._index, plugin_id, channel, version=version)
        facts = Facts.read(await self._market.version(plugin_id, listed.version))
        async with self._database.reading() as session:
            installed = await InstalledPlugins(session).named()
            of_publisher = select(PublisherKey.key_id).where(PublisherKey.publisher == listed.publisher)
            trusted = frozenset((await session.scalars(of_publisher)).all())
        here = next((str(one.version) for one in installed if one.plugin_id == plugin_id), None)
        others = [one for one in installed if one.plugin_id != plugin_id]
        return Prospect(listed, facts, trusted, here, list(_collisions(facts, others)), _refused(actor, listed))


def _with_reasons(codes: Sequence[str], said: Sequence[Request] | None) -> Sequence[Request]:
    known = {one.code: one for one in said or ()}
    return [known.get(code) or Request(code=code) for code in codes]


def _refused(actor: Actor, listed: Listed) -> dict[str, str]:
    said = {}
    for code in (*listed.permissions, *listed.optional_permissions):
        if code not in PERMISSIONS:
            said[code] = "unknown"
        elif code in PEOPLE_ONLY:
            said[code] = "people_only"
        elif not actor.may(code):
            said[code] = "not_yours"
    return said


def _collisions(facts: Facts, others: Sequence[InstalledPlugin]) -> Sequence[Collision]:
    found = [Collision("missing", name, within) for name, within in _missing(facts, others)]
    for other in others:
        if other.state != State.ACTIVE:
            continue
        manifest = other.manifest_json or {}
        if other.plugin_id in (facts.conflicts or ()) or facts.plugin.id in manifest.get("conflicts", ()):
            found.append(Collision("conflict", str(other.plugin_id)))
        found += [Collision("hook", str(other.plugin_id), hook) for hook in _same_hooks(facts, manifest)]
    return found


def _missing(facts: Facts, others: Sequence[InstalledPlugin]) -> list[tuple[str, str]]:
    here = {one.plugin_id for one in others}
    return [(name, within) for name, within in (facts.dependencies or {}).items() if name not in here]


def _same_hooks(facts: Facts, manifest: Mapping[str, Any]) -> list[str]:
    theirs = {(one.get("hook"), one.get("order", 100)) for one in manifest.get("exports", {}).get("before", ())}
    return sorted({one.hook for one in facts.exports.before if (one.hook, one.order) in theirs})
