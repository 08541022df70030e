"""Spans, seen by a tracer that keeps them."""

from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, get_current_span

from rising_bsm.errors import Error
from rising_bsm.runtime import tracing
from support.runtime import PLUGIN, Instance

pytestmark = pytest.mark.anyio

METHODS = """
@route("GET", "/")
def look(self, ctx, request):
    return ctx.storage.get("key")

@route("GET", "/fails")
def fails(self, ctx, request):
    raise ValueError("what a customer said")
"""


class Kept(NonRecordingSpan):
    """A span that is kept."""

    def __init__(self, number: int, name: str, above: SpanContext) -> None:
        trace_id = above.trace_id if above.is_valid else number
        super().__init__(SpanContext(trace_id, number, is_remote=False, trace_flags=TraceFlags(1)))
        self.name, self.above, self.ended = name, above.span_id, False
        self.attributes: dict[str, Any] = {}
        self.status: Any = None

    def is_recording(self) -> bool:
        return True

    def set_attributes(self, attributes: Any) -> None:
        self.attributes |= attributes

    def set_status(self, status: Any, description: str | None = None) -> None:
        self.status = status

    def end(self, end_time: int | None = None) -> None:
        self.ended = True


class Tracer(trace.NoOpTracer):
    """Keeps every span, in the order in which they began."""

    def __init__(self) -> None:
        self.spans: list[Kept] = []

    def start_span(self, name: str, context: Any = None, *_args: Any, **_options: Any) -> Kept:
        above = get_current_span(context).get_span_context()
        self.spans.append(Kept(len(self.spans) + 1, name, above))
        return self.spans[-1]


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> Tracer:
    tracer = Tracer()
    monkeypatch.setattr(tracing, "_tracer", tracer)
    return tracer


async def test_a_host_call_is_below_the_call_of_the_plugin(instance: Instance, tracer: Tracer) -> None:
    await instance.attach(METHODS)
    await instance.get()

    call, host_call = tracer.spans
    assert (call.name, call.attributes) == (
        "plugin call",
        {"rising_bsm.plugin": PLUGIN, "rising_bsm.entry": "on GET /"},
    )
    assert (host_call.name, host_call.attributes) == ("host call", {"rising_bsm.function": "storage.get"})
    assert host_call.above == call.get_span_context().span_id
    assert all(span.ended for span in tracer.spans)


async def test_a_failure_is_told_by_its_code_alone(instance: Instance, tracer: Tracer) -> None:
    await instance.attach(METHODS)
    with pytest.raises(Error):
        await instance.get("/fails")

    (call,) = tracer.spans
    assert (call.status.status_code, call.status.description) == (trace.StatusCode.ERROR, "plugin.raised")


def test_a_trace_of_the_caller_is_gone_on_with(tracer: Tracer) -> None:
    with tracing.Span("request", {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}):
        pass
    with tracing.Span("request", {"traceparent": "nonsense"}):
        pass

    known, unknown = tracer.spans
    assert f"{known.get_span_context().trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert f"{known.above:016x}" == "b7ad6b7169203331"
    assert unknown.above == 0
