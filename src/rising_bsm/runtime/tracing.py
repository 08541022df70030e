"""Spans of OpenTelemetry: of requests, calls of plugins, host calls and deliveries. They go where an SDK sends them."""

from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self

from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PREFIX = "rising_bsm."
_tracer = trace.get_tracer("rising_bsm")
_traces = TraceContextTextMapPropagator()

RUNNING: ContextVar[str | None] = ContextVar("rising_bsm_running_plugin", default=None)
"""The plugin for which something is being done now; the log names it."""


class Span:
    """`with Span("plugin call", plugin="acme.loyalty"):` is one span, below the one that is current.

    `carrier` are headers of a request; with a `traceparent` among them, the span is part of that trace.
    """

    def __init__(self, name: str, carrier: Mapping[str, str] | None = None, **attributes: str) -> None:
        self._name = name
        self._carrier = carrier
        self._attributes = attributes
        self._token: Token[context.Context] | None = None

    def __enter__(self) -> Self:
        above = _traces.extract(self._carrier) if self._carrier and "traceparent" in self._carrier else None
        self._span = _tracer.start_span(self._name, context=above)
        if self._span.is_recording():
            self._span.set_attributes({_PREFIX + name: value for name, value in self._attributes.items()})
            self._token = context.attach(trace.set_span_in_context(self._span))
        return self

    def note(self, **attributes: str | int) -> None:
        """What is known by now."""
        if self._span.is_recording():
            self._span.set_attributes({_PREFIX + name: value for name, value in attributes.items()})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace_back: TracebackType | None
    ) -> None:
        if self._token is not None:
            context.detach(self._token)
            if error is not None:
                # Its code, not its text: that may say what customers said.
                code = getattr(error, "code", type(error).__name__)
                self._span.set_status(trace.Status(trace.StatusCode.ERROR, str(code)))
        self._span.end()
