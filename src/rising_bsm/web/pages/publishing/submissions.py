"""What became of a submission, as its publisher follows it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.submissions.states import OPEN, State
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.operating.findings import Findings
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_MOVES_BY_ITSELF = (State.SUBMITTED, State.SCANNING)


@get("/submissions/{submission_id:uuid}", opt={READS: True})
async def follow(request: StrictRequest, actor: Actor, market: Market, submission_id: UUID) -> Response[str]:
    """Where it is, what the scan has found, what the reviewer says."""
    return await _shown(request, actor, market, submission_id)


@post("/submissions/{submission_id:uuid}")
async def move(request: StrictRequest, actor: Actor, market: Market, submission_id: UUID) -> Response[Any]:
    """A draft is submitted, or nothing is to follow any more."""
    form = await Form.of(request)
    submissions = market.office.submissions
    try:
        if form.text("verb") == "withdraw":
            await submissions.withdraw(actor, submission_id)
            said = _("The submission is withdrawn.")
        else:
            await submissions.send(actor, submission_id)
            said = _("The draft is submitted.")
    except Error as error:
        return await _shown(request, actor, market, submission_id, error)
    return redirect(f"/publishing/submissions/{submission_id}", said=said)


async def _shown(
    request: StrictRequest, actor: Actor, market: Market, submission_id: UUID, error: Error | None = None
) -> Response[str]:
    submission = await market.office.submissions.get(actor, submission_id)
    state = State(submission["state"])
    shown = {
        "submission": submission,
        "findings": Findings(submission["findings"]),
        "moving": state in _MOVES_BY_ITSELF,
        "open": state in OPEN,
    }
    return market_page(request, "publishing/submission.html", error=error, **shown)


HANDLERS = (follow, move)
