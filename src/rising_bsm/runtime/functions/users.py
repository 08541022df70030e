"""The people who work here."""

from typing import Any, ClassVar, Literal

from pydantic import ConfigDict

from rising_bsm.accounts import Actor
from rising_bsm.accounts.colleagues import ColleagueQuery
from rising_bsm.runtime.functions.arguments import Arguments, OneOf
from rising_bsm.runtime.functions.results import IdText, Result
from rising_bsm.runtime.services import HostServices


class Known(Result):
    """Somebody who works here, or did (`active` false)."""

    model_config = ConfigDict(title="User")

    id: IdText
    name: str
    role: str
    email: str
    active: bool


class Matching(ColleagueQuery):
    """Which of them."""

    model_config = ConfigDict(strict=True)
    refusal: ClassVar[str] = Arguments.refusal

    role: Literal["admin", "manager", "employee"] | None = None  # type: ignore[assignment]  # as text, out of JSON


async def get(host: HostServices, actor: Actor, which: OneOf) -> Any:
    """One user: name, role and e-mail address."""
    return (await host.business.users.get(actor, which.id)).as_dict()


async def list(host: HostServices, actor: Actor, query: Matching) -> Any:
    """One page of the users, by name."""
    return (await host.business.users.list(actor, query)).as_dict()
