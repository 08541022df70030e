"""The service requests."""

from typing import Any, ClassVar

from pydantic import ConfigDict

from rising_bsm.accounts import Actor
from rising_bsm.business.requests import RequestDraft, RequestQuery
from rising_bsm.runtime.functions.arguments import Arguments, Id
from rising_bsm.runtime.functions.entities import verbs
from rising_bsm.runtime.functions.results import IdText, Moment
from rising_bsm.runtime.services import HostServices


class Stored(RequestDraft):
    """A service request as it is stored; `version` counts the changes."""

    model_config = ConfigDict(title="Service request")

    id: IdText
    created_at: Moment
    updated_at: Moment
    version: int


class Matching(RequestQuery):
    """Which service requests; what is about a page does not matter to who counts them."""

    model_config = ConfigDict(strict=True)
    refusal: ClassVar[str] = Arguments.refusal


class Converted(Arguments):
    """What a service request becomes; the fields are those of `Conversion`."""

    id: Id
    into: dict[str, Any]


list, count, get, create, update, delete = verbs(lambda business: business.requests)


async def convert(host: HostServices, actor: Actor, what: Converted) -> Any:
    """Make a customer, an appointment or both of one, which needs the permissions for these as well."""
    return (await host.business.requests.convert(actor, what.id, what.into)).as_dict()
