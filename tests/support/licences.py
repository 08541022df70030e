"""A marketplace that sells licences, played with real keys and signatures and a clock of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from rising_bsm.bundle import PublicKey
from rising_bsm.db import Database
from rising_bsm.errors import Busy, Conflict, NotFound
from rising_bsm.licensing import (
    LEASE,
    InstanceRequest,
    Licence,
    LicenceKey,
    LicenceType,
    make_request,
    read_request,
    sign_licence,
)
from rising_bsm.plugins.identity import Identity
from rising_bsm.plugins.licences.beating import PluginReport
from rising_bsm.plugins.licences.held import About, HeldLicences
from rising_bsm.runtime import Cipher
from support.bundles import make_key

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLUGIN = "acme.test"
MARKET_KEY = make_key(101)
INSTANCE_KEY = make_key(102)
NONCE = "nonce-of-the-tests-0001"


@dataclass
class Time:
    """A clock that stands still until it is set."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


def make_licence(**changes: Any) -> Licence:
    """A licence for `acme.test`, issued at START to the instance with INSTANCE_KEY."""
    issued = changes.get("issued_at", START)
    values = {
        "id": UUID(int=7),
        "plugin": PLUGIN,
        "type": LicenceType.BASIC,
        "instance": str(INSTANCE_KEY.public_key),
        "issued_at": issued,
        "valid_until": issued + LEASE,
        "seq": 1,
        "nonce": NONCE,
    }
    return Licence(**(values | changes))


@dataclass
class Sold:
    """A licence as its seller knows it; `refused` is why it is not renewed, `seats` who uses it."""

    plugin: str
    id: UUID = field(default_factory=uuid4)
    type: LicenceType = LicenceType.BASIC
    max_installs: int = 1
    expires_at: datetime | None = None
    entitlements: tuple[str, ...] = ()
    limits: dict[str, int] = field(default_factory=dict)
    refused: str | None = None
    seats: set[str] = field(default_factory=set)


class LicenceMarket:
    """What a marketplace does about licences. `asked` is every request, `reachable` whether it answers."""

    def __init__(self, time: Time | None = None) -> None:
        self.time = time or Time()
        self.key = MARKET_KEY
        self.sold: dict[str, Sold] = {}
        self.trials: dict[tuple[str, str], Sold] = {}
        self.trial_days = 14
        self.asked: list[InstanceRequest] = []
        self.advisories: list[dict[str, Any]] = []
        self.reachable = True
        self.replay: Any = None
        """What is answered instead of the truth, by whoever is in between."""
        self._last: dict[str, int] = {}
        self._seq = 0

    def sell(self, plugin: str = PLUGIN, **changes: Any) -> str:
        """The key of a new licence."""
        key = LicenceKey.new()
        self.sold[key.digest] = Sold(plugin, **changes)
        return key.text

    def of(self, key: str) -> Sold:
        return self.sold[LicenceKey.parse(key).digest]

    async def licence_keys(self) -> list[PublicKey]:
        return [self.key.public_key]

    def answer(self, action: str, envelope: object) -> Any:
        """The answer to a signed request, or the refusal."""
        request = read_request(envelope, action)
        who = str(request.instance)
        if request.seq <= self._last.get(who, 0):
            raise Conflict("An older request.", code="instance.replayed")
        self._last[who] = request.seq
        self.asked.append(request)
        if self.replay is not None:
            return self.replay
        return getattr(self, f"_{action}")(who, request.fields)

    def _activate(self, who: str, fields: Mapping[str, Any]) -> Any:
        sold = self.sold.get(LicenceKey.parse(fields["key"]).digest)
        if sold is None or sold.plugin != fields["plugin"]:
            raise NotFound("No such licence.", code="license.not_found")
        if who not in sold.seats and len(sold.seats) >= sold.max_installs:
            raise Conflict("All seats are taken.", code="license.too_many_machines")
        sold.seats.add(who)
        return {"license": self.file(sold, who, fields["nonce"])}

    def _trial(self, who: str, fields: Mapping[str, Any]) -> Any:
        expires = self.time.now + timedelta(days=self.trial_days)
        trial = Sold(fields["plugin"], type=LicenceType.TRIAL, expires_at=expires, seats={who})
        trial = self.trials.setdefault((who, trial.plugin), trial)
        return {"license": self.file(trial, who, fields["nonce"])}

    def _release(self, who: str, fields: Mapping[str, Any]) -> Any:
        sold = self._by_id(fields["license"])
        if sold is None or who not in sold.seats:
            raise NotFound("No such licence.", code="license.no_machine")
        sold.seats.discard(who)
        return {}

    def _heartbeat(self, who: str, fields: Mapping[str, Any]) -> Any:
        answers = [{"id": one["id"]} | self._renewal(who, one) for one in fields["licenses"]]
        return {"time": "ignored", "licenses": answers, "advisories": self.advisories}

    def _renewal(self, who: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        sold = self._by_id(asked["id"])
        if sold is None:
            return {"code": "NOT_FOUND", "message": "?"}
        if sold.refused or who not in sold.seats:
            return {"code": sold.refused or "NO_MACHINE", "message": "?"}
        return {"license": self.file(sold, who, asked["nonce"])}

    def _by_id(self, licence_id: str) -> Sold | None:
        everything = [*self.sold.values(), *self.trials.values()]
        return next((one for one in everything if str(one.id) == licence_id), None)

    def file(self, sold: Sold, who: str, nonce: str) -> dict[str, Any]:
        """A fresh file."""
        self._seq += 1
        shown = {name: getattr(sold, name) for name in ("id", "plugin", "type", "max_installs", "expires_at")}
        licence = make_licence(
            **shown,
            entitlements=sold.entitlements,
            limits=sold.limits,
            instance=who,
            issued_at=self.time.now,
            seq=self._seq,
            nonce=nonce,
        )
        return sign_licence(licence, self.key)


@dataclass
class Line:
    """The way from one instance to the marketplace."""

    market: LicenceMarket
    identity: Identity
    time: Time

    async def send(self, action: str, fields: Mapping[str, Any]) -> Any:
        if not self.market.reachable:
            raise Busy("Nobody answers.", code="market.unreachable")
        keys, seq = await self.identity.get(), await self.identity.next_seq()
        request = make_request(
            action, fields, signing=keys.signing, wrap_key=keys.wrap_public, seq=seq, time=self.time.now
        )
        return self.market.answer(action, request)


@dataclass
class Holder:
    """An instance that holds licences: its own clock, and what it says of itself."""

    held: HeldLicences
    market: LicenceMarket
    time: Time
    about: About
    plugins: list[PluginReport]
    database: Database

    def both(self, **span: float) -> None:
        """So much time passes everywhere."""
        for clock in {id(one): one for one in (self.time, self.market.time)}.values():
            clock.passes(**span)

    async def state(self, plugin: str = PLUGIN) -> str | None:
        found = await self.held.standing_of(plugin)
        return found.state.value if found else None


SECRET = b"the secret of an instance in tests"


def make_holder(
    database: Database, market: LicenceMarket | None = None, *, secret: bytes = SECRET, time: Time | None = None
) -> Holder:
    """An instance on this database; a second one on the same database is another process of the deployment."""
    market, time, cipher = market or LicenceMarket(), time or Time(), Cipher(secret)

    def seconds() -> float:
        return time.now.timestamp()

    identity = Identity(database, cipher, seconds)
    holder: Holder

    async def about() -> About:
        return holder.about

    async def report() -> list[PluginReport]:
        return holder.plugins

    held = HeldLicences(
        database,
        cipher,
        identity,
        Line(market, identity, time),
        market.licence_keys,
        report=report,
        about=about,
        clock=time,
    )
    holder = Holder(
        held, market, time, About("https://a.example", {"url": "1", "data": "1", "machine": "1"}), [], database
    )
    return holder
