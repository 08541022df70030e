"""What a plugin takes: calls, time, fuel, storage, the network."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from babel import dates
from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.plugins.safety import PluginSafety
from rising_bsm.plugins.stored import StoredData
from rising_bsm.runtime.accounting.course import PARTS, Part, Period
from rising_bsm.runtime.limits import DEFAULT_LIMITS
from rising_bsm.web.i18n import as_number, as_time, gettext, local, preferences
from rising_bsm.web.pages.plugins.executions import PERIOD_WORDS
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/{plugin_id:str}/resources", opt={READS: True})
async def show_resources(
    request: StrictRequest, plugin_id: str, actor: Actor, plugin_safety: PluginSafety, stored_data: StoredData
) -> Response[str]:
    """Charts over an hour, a day or a week."""
    asked = request.query_params.get("period", "day")
    period: Period = asked if asked in PARTS else "day"
    parts = await plugin_safety.course(actor, plugin_id, period)
    moved = await plugin_safety.moved(actor, plugin_id)
    return await plugin_page(
        request,
        plugin_id,
        "resources",
        period=period,
        periods=[(name, gettext(word)) for name, word in PERIOD_WORDS],
        labels=[_label(part, period) for part in parts],
        sums=_sums(parts),
        series=_series(parts),
        stored=await stored_data.page(actor, plugin_id),
        moved=[(_spelled(day, "MMMd"), amount / 1024) for day, amount in moved],
        moved_today=moved[-1][1],
        limits=DEFAULT_LIMITS,
        say=as_number,
    )


def _label(part: Part, period: Period) -> str:
    return _spelled(local(part.begins), "EHm") if period == "week" else as_time(part.begins)


def _spelled(day: date, parts: str) -> str:
    """The day or moment with these parts of it (Unicode TR 35), short enough to stand below a chart."""
    return dates.format_skeleton(parts, day, locale=preferences().language)


def _series(parts: Sequence[Part]) -> dict[str, list[float | None]]:
    return {
        "done": [part.calls - part.failures for part in parts],
        "failed": [part.failures for part in parts],
        "fuel": [part.fuel / 1_000_000 for part in parts],
        "p50": [part.p50_ms for part in parts],
        "p99": [part.p99_ms for part in parts],
    }


def _sums(parts: Sequence[Part]) -> dict[str, Any]:
    calls, failures = sum(part.calls for part in parts), sum(part.failures for part in parts)
    slowest = max((part.p99_ms for part in parts if part.p99_ms is not None), default=None)
    rate = 100 * failures / calls if calls else None
    return {"calls": calls, "failures": failures, "rate": rate, "slowest": slowest, "fuel": sum(p.fuel for p in parts)}


HANDLERS = (show_resources,)
