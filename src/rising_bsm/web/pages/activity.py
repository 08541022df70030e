"""Who did what, for those who may know."""

from typing import Any, ClassVar
from uuid import UUID

from litestar import Response, Router, get

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import ActivityLog
from rising_bsm.accounts.validation import Input
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.choices import colleagues
from rising_bsm.web.pages.deeds import DONE, ENTITIES, Deed
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.page import address, page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_PAGE = 50


class Wanted(Input):
    """Which entries an address asks for."""

    refusal: ClassVar[str] = "activity.invalid_query"

    before: UUID | None = None
    person: UUID | None = None
    entity: str | None = None
    entity_id: str | None = None
    action: str | None = None

    @property
    def about(self) -> tuple[str, str] | None:
        """The one thing that is asked about, if it is one."""
        return (self.entity, self.entity_id) if self.entity and self.entity_id else None


@get("/activity", opt={READS: True})
async def list_activity(request: StrictRequest, actor: Actor, activity: ActivityLog) -> Response[str]:
    """The newest first, or those before one; by person, by what it is about and by what was done."""
    actor.require("activity.read")
    asked = filters_of(request, tuple(Wanted.model_fields))
    wanted = Wanted.of(asked)
    found = await activity.list(
        actor,
        limit=_PAGE,
        before=wanted.before,
        about=wanted.about,
        entity=wanted.entity,
        user_id=wanted.person,
        action=wanted.action,
    )
    filters = {name: value for name, value in asked.items() if name != "before"}
    context: dict[str, Any] = {
        "deeds": [Deed(entry) for entry in found.items],
        "older": address("/activity", **filters, before=found.next) if found.next else "",
        "newest": address("/activity", **filters) if wanted.before else "",
        "wanted": wanted,
        "filters": filters,
        "people": await colleagues(request, _("Everybody"), asked.get("person", "")),
        "entities": [("", _("Everything")), *((code, _(name)) for code, (name, _place) in ENTITIES.items())],
        "actions": [("", _("Whatever was done")), *((code, _(words)) for code, words in DONE.items())],
    }
    return page(request, "activity/list.html", **context)


router = Router("/", route_handlers=[list_activity], include_in_schema=False)
