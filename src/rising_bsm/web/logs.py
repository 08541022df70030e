"""The log: one JSON object per line on standard error, whoever writes it."""

import logging.config
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from rising_bsm.runtime.tracing import RUNNING


def _name_plugin(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Says for which plugin this is done, if it is for one."""
    if (plugin := RUNNING.get()) is not None:
        event.setdefault("plugin", plugin)
    return event


_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    _name_plugin,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    # As text, never with the values of local variables: those hold passwords and tokens.
    structlog.processors.format_exc_info,
)


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=list(_SHARED),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": _formatter}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "_granian": {"handlers": ["stderr"], "propagate": False},
        "granian.access": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
"""What the standard library's loggers do, those of the server included."""


def configure_logging() -> None:
    """Makes this process log as described above; for the entry points of a program, not for libraries."""
    logging.config.dictConfig(LOGGING)
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
