"""Numbers about this process."""

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.db import Database
from rising_bsm.runtime.events.backlog import Backlog
from rising_bsm.web.metrics import Metrics

_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@get("/metrics", tags=["Health"], media_type=_TYPE)
async def read_metrics(actor: Actor, database: Database, metrics: Metrics) -> Response[bytes]:
    """Numbers about the process that answers, in the text format of Prometheus. Needs `metrics.read`."""
    actor.require("metrics.read")
    return Response(metrics.text(await Backlog.of(database)), media_type=_TYPE)
