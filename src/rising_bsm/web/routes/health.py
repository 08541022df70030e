"""Whether this instance works, for those who watch it."""

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from litestar import Response, get

from rising_bsm import __version__
from rising_bsm.db import Database, DatabaseUnavailable, now
from rising_bsm.runtime import Runtime
from rising_bsm.runtime.events.queue import Queue
from rising_bsm.sandbox import Pool
from rising_bsm.web.gate import PUBLIC

_SECONDS = 2
_LATE = timedelta(minutes=1)
_log = structlog.get_logger("rising_bsm.web")


@get("/health", opt={PUBLIC: True}, tags=["Health"])
async def health(database: Database, pool: Pool, runtime: Runtime) -> Response[dict[str, Any]]:
    """200 while the database answers within two seconds, else 503.

    `sandbox` tells whether it has workers now, `events` whether one has been overdue for more than a minute.
    """
    late = await _late(database, runtime)
    works = late is not None
    state = {
        "status": "ok" if works else "failing",
        "database": "ok" if works else "unreachable",
        # Lost workers are replaced as they are needed, so that customers are served meanwhile.
        "sandbox": "ok" if pool.alive else "restarting",
        "events": "late" if late else "ok" if works else "unknown",
        "version": __version__,
    }
    return Response(state, status_code=200 if works else 503)


async def _late(database: Database, runtime: Runtime) -> bool | None:
    """Whether an event has been overdue for long; None when the database does not answer."""
    try:
        async with asyncio.timeout(_SECONDS):
            due = await Queue(database).waiting()
    except (DatabaseUnavailable, TimeoutError) as error:
        _log.warning("database unreachable", reason=str(error))
        return None
    # What waits for a plugin that is switched off is not late.
    return any(now() - first > _LATE for plugin_id, first in due.items() if plugin_id in runtime.attached)
