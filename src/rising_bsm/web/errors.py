"""The one translator from errors to HTTP: a status, headers, an object, and nothing of our insides."""

import secrets
from dataclasses import dataclass
from typing import Any

import structlog
from litestar import Request
from litestar.exceptions import HTTPException, InternalServerException, ValidationException
from litestar.types import Scope

from rising_bsm.db import DatabaseUnavailable
from rising_bsm.errors import (
    Busy,
    Conflict,
    Error,
    Failed,
    InvalidInput,
    NotFound,
    NotSignedIn,
    PermissionDenied,
    TooLarge,
)
from rising_bsm.marketplace.instances.errors import TooManyAttempts
from rising_bsm.runtime import MethodNotAllowed as PluginMethodNotAllowed
from rising_bsm.runtime.accounting import QuotaExceeded

_log = structlog.get_logger("rising_bsm.web")


class BadRequest(InvalidInput):
    """The request itself cannot be read."""

    code = "request.malformed"


class UnsupportedMedia(InvalidInput):
    """The body is of a kind that this address does not take."""

    code = "request.media_type"


class MethodNotAllowed(InvalidInput):
    """The address exists and cannot be used in this way."""

    code = "request.method"


class RateLimited(Busy):
    """Too many requests in too short a time; welcome again after `retry_after` seconds."""

    code = "rate_limited"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, next_step=f"Try again in {retry_after} seconds.")
        self.retry_after = retry_after


_STATUS: dict[type[Error], int] = {
    BadRequest: 400,
    MethodNotAllowed: 405,
    PluginMethodNotAllowed: 405,
    UnsupportedMedia: 415,
    RateLimited: 429,
    QuotaExceeded: 429,
    TooManyAttempts: 429,
    InvalidInput: 422,
    NotSignedIn: 401,
    PermissionDenied: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    Busy: 503,
    Failed: 502,
    Error: 400,
}


def request_id(scope: Scope) -> str:
    """The name of this request in our log and in its answer's `X-Request-Id`; never what the caller says it is."""
    state: dict[str, Any] = scope["state"]
    return str(state.setdefault("request_id", secrets.token_hex(8)))


@dataclass(frozen=True)
class Problem:
    """What is said of an exception: an error as a JSON object, a status, headers."""

    error: dict[str, Any]
    status: int
    headers: dict[str, str]


def problem_of(request: Request[Any, Any, Any], exception: Exception) -> Problem:
    """What the request that ended in this exception is answered with; what nobody foresaw goes to the log."""
    error = _ours(request, exception)
    if error is None:
        return Problem(_incident(request, exception), 500, _allow(exception))
    return Problem(error.as_dict(), status_of(error), headers_of(error) | _allow(exception))


def status_of(error: Error) -> int:
    """The HTTP status for an error: that of the nearest class we have one for."""
    return next(_STATUS[parent] for parent in type(error).__mro__ if parent in _STATUS)


def headers_of(error: Error) -> dict[str, str]:
    """What an error says in headers: how to sign in, which methods there are, when to come again."""
    if isinstance(error, NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="rising-bsm"'}
    if isinstance(error, PluginMethodNotAllowed):
        return {"Allow": ", ".join(sorted(error.allowed))}
    if isinstance(error, Busy):
        return {"Retry-After": str(getattr(error, "retry_after", 1))}
    return {}


def _ours(request: Request[Any, Any, Any], exception: Exception) -> Error | None:
    if isinstance(exception, DatabaseUnavailable):
        # What the driver says is for those who run the instance: it names hosts, files and statements.
        _log.error("database unavailable", request_id=request_id(request.scope), reason=exception.message)
        return Busy("The database cannot answer now.", code=exception.code, next_step="Try again in a moment.")
    return exception if isinstance(exception, Error) else _translated(request, exception)


def _translated(request: Request[Any, Any, Any], exception: Exception) -> Error | None:
    """The framework's own refusals as ours; None for what nobody foresaw."""
    if isinstance(exception, ValidationException):
        return _invalid(exception)
    if isinstance(exception, InternalServerException) and exception.detail.startswith("client disconnected"):
        return BadRequest("The request ended before its body did.")
    if not isinstance(exception, HTTPException) or exception.status_code >= 500:
        return None
    place = f"{request.method} {request.scope['path']}"
    match exception.status_code:
        case 404:
            return NotFound("There is nothing at this address.", place=place)
        case 405:
            return MethodNotAllowed("This address cannot be used in this way.", place=place)
        case 413:
            return TooLarge("The body of the request is too large.", place=place)
        case _:
            return BadRequest(f"The request cannot be read: {exception.detail}.", place=place)


def _invalid(exception: ValidationException) -> InvalidInput:
    found = exception.extra if isinstance(exception.extra, list) else []
    fields = {str(item.get("key")): str(item.get("message")) for item in found if isinstance(item, dict)}
    if "data" in fields:
        return InvalidInput("A body is needed here.", place="body", next_step="Send a JSON object.")
    if not fields:
        return BadRequest(f"The request cannot be read: {exception.detail}.")
    return InvalidInput("Some of what was sent cannot be accepted.", fields=fields, place=next(iter(fields)))


def _incident(request: Request[Any, Any, Any], exception: Exception) -> dict[str, Any]:
    incident = request_id(request.scope)
    _log.error("internal error", request_id=incident, method=request.method, exc_info=exception)
    return {
        "code": "internal",
        "message": "Something broke on our side.",
        "place": f"incident {incident}",
        "next_step": "Try again. If it stays, give the incident to whoever runs this instance; it is in their log.",
    }


def _allow(exception: Exception) -> dict[str, str]:
    allowed = exception.headers.get("allow") if isinstance(exception, HTTPException) and exception.headers else None
    return {"Allow": allowed} if allowed else {}
