"""Numbers about this process, for Prometheus. Labels are routes and installed plugins, never what a caller sent."""

import time
from collections.abc import Iterator
from typing import cast

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rising_bsm.db import now
from rising_bsm.runtime import Runtime
from rising_bsm.runtime.accounting.execution import Execution
from rising_bsm.runtime.events.backlog import Backlog
from rising_bsm.runtime.tracing import Span
from rising_bsm.sandbox import Pool

_NAME = "rising_bsm_"
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What is counted while the application runs."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        answered, of_calls, of_plugin = ["route", "method", "status"], ["plugin", "kind", "status"], ["plugin"]
        self._requests = Histogram(_NAME + "request_seconds", "Requests", answered, buckets=_SECONDS, registry=registry)
        self._calls = Counter(_NAME + "plugin_calls", "Calls of plugins", of_calls, registry=registry)
        self._taken = {
            "fuel": Counter(_NAME + "plugin_fuel", "Fuel that was used", of_plugin, registry=registry),
            "wall_seconds": Counter(_NAME + "plugin_wall_seconds", "Time with a worker", of_plugin, registry=registry),
            "host_seconds": Counter(_NAME + "plugin_host_seconds", "Time in the host", of_plugin, registry=registry),
            "host_calls": Counter(_NAME + "plugin_host_calls", "Host calls", of_plugin, registry=registry),
        }
        self._deliveries = Gauge(
            _NAME + "deliveries", "Events on their way to plugins", ["plugin", "status"], registry=registry
        )
        self._late = Gauge(
            _NAME + "deliveries_late_seconds", "How long the first is overdue", of_plugin, registry=registry
        )
        ProcessCollector(registry=registry)

    def watch(self, pool: Pool, runtime: Runtime) -> None:
        """From now on, what plugins do is counted."""
        self._registry.register(_State(pool, runtime))
        runtime.accounting.watchers.append(self._ended)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(route, method, str(status)).observe(seconds)

    def text(self, backlog: Backlog) -> bytes:
        """All of it, in the text format of Prometheus."""
        self._deliveries.clear()
        self._late.clear()
        for plugin_id, statuses in backlog.counts.items():
            for status, count in statuses.items():
                self._deliveries.labels(plugin_id, status).set(count)
        for plugin_id, due in backlog.first_due.items():
            self._late.labels(plugin_id).set(max(0.0, (now() - due).total_seconds()))
        return generate_latest(self._registry)

    def _ended(self, execution: Execution) -> None:
        self._calls.labels(execution.plugin_id, execution.kind, execution.status).inc()
        for name, counter in self._taken.items():
            counter.labels(execution.plugin_id).inc(getattr(execution.usage, name))


class _State(Collector):
    """What is looked at when somebody asks."""

    def __init__(self, pool: Pool, runtime: Runtime) -> None:
        self._pool = pool
        self._runtime = runtime

    def collect(self) -> Iterator[Metric]:
        accounting = self._runtime.accounting
        yield _gauge("workers_alive", "Sandbox workers", self._pool.alive)
        yield _gauge("calls_waiting", "Calls that wait for a sandbox worker", self._pool.waiting)
        yield _gauge("records_waiting", "Records of calls that are not written yet", accounting.recorder.waiting)
        yield CounterMetricFamily(
            _NAME + "records_lost", "Records of calls for which there was no room", accounting.recorder.lost
        )
        paused = GaugeMetricFamily(_NAME + "plugin_pauses", "Entries of plugins that pause", labels=["plugin"])
        for plugin_id, count in accounting.breakers.open_ones().items():
            paused.add_metric([plugin_id], count)
        yield paused


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(_NAME + name, help_text, value)


class Measured(ASGIMiddleware):
    """Takes the time of every request to a route that there is, and makes it a span."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Lets the request through."""
        status, started = 500, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        route, method = scope["path_template"], cast(HTTPScope, scope)["method"]
        with Span(f"{method} {route}", _traceparent(scope)) as span:
            try:
                await next_app(scope, receive, noting)
            finally:
                span.note(status=status)
                self._metrics.answered(route, method, status, time.perf_counter() - started)


def _traceparent(scope: Scope) -> dict[str, str]:
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in (b"traceparent", b"tracestate")
    }
