"""Who did what."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from litestar import Router, get
from pydantic import Field

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import ActivityLog
from rising_bsm.accounts.validation import Input
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.queries import asked
from rising_bsm.web.turns import READS


class ActivityQuery(Input):
    """Which entries: at most `limit`, those that came before `before`. Text as it comes in a URL is understood."""

    refusal: ClassVar[str] = "activity.invalid_query"

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    before: UUID | None = None


@get("/", opt={READS: True}, operation_class=asked(ActivityQuery))
async def list_activity(request: StrictRequest, actor: Actor, activity: ActivityLog) -> dict[str, Any]:
    """The newest entries; `next` of an answer is the `before` of the page after it. Needs `activity.read`."""
    query = ActivityQuery.of(dict(request.query_params))
    return (await activity.list(actor, limit=query.limit, before=query.before)).as_dict()


router = Router("/activity", route_handlers=[list_activity], tags=["Activity"])
