"""Whether this instance works, for those who watch it."""

import asyncio
from typing import Any

import structlog
from litestar import Response, get
from sqlalchemy import text

from rising_bsm import __version__
from rising_bsm.db import Database, DatabaseUnavailable
from rising_bsm.sandbox import Pool
from rising_bsm.web.gate import PUBLIC

_SECONDS = 2
_log = structlog.get_logger("rising_bsm.web")


@get("/health", opt={PUBLIC: True}, tags=["Health"])
async def health(database: Database, pool: Pool) -> Response[dict[str, Any]]:
    """200 while the database answers within two seconds, else 503; `sandbox` tells whether it has workers now."""
    works = await _answers(database)
    state = {
        "status": "ok" if works else "failing",
        "database": "ok" if works else "unreachable",
        # Lost workers are replaced as they are needed, so that customers are served meanwhile.
        "sandbox": "ok" if pool.alive else "restarting",
        "version": __version__,
    }
    return Response(state, status_code=200 if works else 503)


async def _answers(database: Database) -> bool:
    try:
        async with asyncio.timeout(_SECONDS), database.reading() as session:
            await session.execute(text("SELECT 1"))
    except (DatabaseUnavailable, TimeoutError) as error:
        _log.warning("database unreachable", reason=str(error))
        return False
    return True
