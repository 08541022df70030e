"""The calls of a plugin: which there were, what each took, and how it ended."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.db import iso, now
from rising_bsm.plugins.safety import PluginSafety
from rising_bsm.runtime.accounting import ExecutionQuery
from rising_bsm.web.i18n import gettext, no_translation
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_ = no_translation
PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
PERIOD_WORDS = (("hour", _("The last hour")), ("day", _("The last day")), ("week", _("The last week")))
STATUSES = {
    "ok": (_("Done"), "green"),
    "refused": (_("Refused"), "azure"),
    "failed": (_("Failed"), "red"),
    "timeout": (_("Too slow"), "red"),
    "too_deep": (_("Too deep"), "red"),
    "busy": (_("No room"), "orange"),
    "cancelled": (_("Given up"), "secondary"),
}
"""What a call can come to: what that is called, and its colour."""


@get("/{plugin_id:str}/executions", opt={READS: True})
async def list_executions(
    request: StrictRequest, plugin_id: str, actor: Actor, plugin_safety: PluginSafety
) -> Response[str]:
    """The newest calls first, in pages."""
    asked: dict[str, Any] = filters_of(request, ("entry", "status", "before"))
    if (period := request.query_params.get("period", "")) in PERIODS:
        asked["since"] = iso(now() - PERIODS[period])
    found = await plugin_safety.executions(actor, plugin_id, ExecutionQuery.of(asked))
    entries = [
        ("", gettext("Whatever it was asked")),
        *((entry, entry) for entry in await _entries(actor, plugin_id, plugin_safety)),
    ]
    return await plugin_page(
        request,
        plugin_id,
        "executions",
        found=found,
        entries=entries,
        statuses=[("", gettext("Any outcome")), *((name, gettext(word)) for name, (word, _colour) in STATUSES.items())],
        periods=[("", gettext("The last seven days")), *((name, gettext(word)) for name, word in PERIOD_WORDS[:2])],
        status_words=STATUSES,
        filtered=bool(asked),
    )


@get("/{plugin_id:str}/executions/{execution_id:uuid}", opt={READS: True})
async def show_execution(
    request: StrictRequest, plugin_id: str, execution_id: UUID, actor: Actor, plugin_safety: PluginSafety
) -> Response[str]:
    """One call with all that is known of it."""
    found = await plugin_safety.execution(actor, plugin_id, execution_id)
    tab = "executions"
    return await plugin_page(request, plugin_id, tab, template="execution", found=found, status_words=STATUSES)


async def _entries(actor: Actor, plugin_id: str, plugin_safety: PluginSafety) -> list[str]:
    return list(await plugin_safety.entries(actor, plugin_id))


HANDLERS = (list_executions, show_execution)
