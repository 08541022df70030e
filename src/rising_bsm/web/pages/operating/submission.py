"""One submission: everything a reviewer goes by, and the decision."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.submissions.errors import BundleGone
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.operating import files
from rising_bsm.web.pages.operating.findings import Findings
from rising_bsm.web.pages.operating.words import DECISIONS, market_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest


@get("/submissions/{submission_id:uuid}")
async def show_submission(request: StrictRequest, actor: Actor, market: Market, submission_id: UUID) -> Response[str]:
    """Manifest, findings, differences, the publisher's history and what was decided."""
    return await _shown(request, actor, market, submission_id)


@post("/submissions/{submission_id:uuid}")
async def decide(request: StrictRequest, actor: Actor, market: Market, submission_id: UUID) -> Response[Any]:
    """The decision, with its reason; the page again with what was wrong."""
    form = await Form.of(request)
    verdict = {"decision": form.text("decision"), "reason": form.text("reason")}
    try:
        done = await market.office.submissions.decide(actor, submission_id, verdict)
    except Error as error:
        return await _shown(request, actor, market, submission_id, error=error, values=verdict)
    said = _("%(plugin)s %(version)s: %(decision)s.")
    named = {"plugin": done.plugin_id, "version": done.version, "decision": _(DECISIONS[verdict["decision"]])}
    return redirect(f"/operating/submissions/{submission_id}", said=said % named)


@get("/submissions/{submission_id:uuid}/diff")
async def show_differences(request: StrictRequest, actor: Actor, market: Market, submission_id: UUID) -> Response[str]:
    """The differences of one file, a page of rows at a time."""
    told = await market.office.submissions.diff(actor, submission_id)
    path, start = request.query_params.get("name", ""), _start(request)
    shown = files.difference(told, path, start)
    submission = {"id": submission_id, "plugin_id": told["plugin_id"], "version": told["to"]}
    return market_page(request, "operating/diff.html", submission=submission, file=shown)


@get("/submissions/{submission_id:uuid}/file")
async def show_file(request: StrictRequest, actor: Actor, market: Market, submission_id: UUID) -> Response[str]:
    """A file of the bundle as it is, a page of lines at a time."""
    data = await market.office.submissions.bundle(actor, submission_id)
    found = await files.content(data, request.query_params.get("name", ""), _start(request))
    return market_page(request, "operating/file.html", submission_id=submission_id, file=found)


@get("/submissions/{submission_id:uuid}/bundle")
async def download_bundle(actor: Actor, market: Market, submission_id: UUID) -> Response[bytes]:
    """The bundle as it was submitted, to be saved."""
    data = await market.office.submissions.bundle(actor, submission_id)
    headers = {"content-disposition": f'attachment; filename="{submission_id}.rbsm"'}
    return Response(data, headers=headers, media_type="application/octet-stream")


async def _shown(
    request: StrictRequest,
    actor: Actor,
    market: Market,
    submission_id: UUID,
    *,
    error: Error | None = None,
    **more: Any,
) -> Response[str]:
    submission = await market.office.submissions.get(actor, submission_id)
    told = await _differences(actor, market, submission_id)
    name = submission["publisher"]
    shown: dict[str, Any] = {
        "submission": submission,
        "findings": Findings(submission["findings"]),
        "told": told,
        "files": files.overview(told) if told else [],
        "publisher": await market.operation.directory.one(actor, name),
        "history": await market.operation.queue.history(actor, name),
        "values": {},
    }
    return market_page(request, "operating/submission.html", error=error, **shown | more)


async def _differences(actor: Actor, market: Market, submission_id: UUID) -> dict[str, Any] | None:
    """None for a submission that has ended so long ago that its bundle is not kept any more."""
    try:
        return await market.office.submissions.diff(actor, submission_id)
    except BundleGone:
        return None


def _start(request: StrictRequest) -> int:
    given = request.query_params.get("at", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0


HANDLERS = (show_submission, decide, show_differences, show_file, download_bundle)
