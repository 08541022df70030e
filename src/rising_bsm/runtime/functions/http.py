"""The network."""

import base64
import binascii
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from rising_bsm.accounts import Actor
from rising_bsm.bundle.network import Method
from rising_bsm.bundle.urls import URL_CHARACTERS, parse_url
from rising_bsm.runtime.egress import FetchRequest
from rising_bsm.runtime.egress.request import checked_headers
from rising_bsm.runtime.functions.arguments import Arguments
from rising_bsm.runtime.functions.results import Result
from rising_bsm.runtime.services import HostServices
from rising_bsm.sandbox.limits import KIB

BODY_BYTES = 256 * KIB


def _url(text: str) -> str:
    try:
        return parse_url(text).url
    except ValueError as error:
        raise ValueError(f"This {error}.") from None


def _headers(headers: dict[str, str]) -> dict[str, str]:
    return checked_headers(headers)


class Fetch(Arguments):
    """A request: `body` is a text, or base64 where `base64` says so; `timeout` is in seconds."""

    method: Method
    url: Annotated[str, Field(max_length=URL_CHARACTERS), AfterValidator(_url)]
    headers: Annotated[dict[str, str], Field(max_length=50), AfterValidator(_headers)] = Field(default={})
    body: str = ""
    base64: bool = False
    timeout: Annotated[float, Field(ge=0.1, le=10, strict=False)] = 10.0

    @model_validator(mode="after")
    def _is_sendable(self) -> "Fetch":
        if len(self.content) > BODY_BYTES:
            raise ValueError(f"The body must have at most {BODY_BYTES:,} bytes.")
        if self.content and self.method in ("GET", "HEAD"):
            raise ValueError(f"A {self.method} has no body.")
        return self

    @property
    def content(self) -> bytes:
        """The bytes of the body; raises ValueError for what is no base64 and no Unicode."""
        try:
            return base64.b64decode(self.body, validate=True) if self.base64 else self.body.encode()
        except (binascii.Error, UnicodeEncodeError):
            raise ValueError("The body must be Unicode text, or base64 if base64 is true.") from None


class Answer(Result):
    """An answer; `url` is what answered after redirects, `body` a text, or base64 where `base64` says so."""

    status: int
    url: str
    headers: dict[str, str]
    body: str
    base64: bool


async def fetch(host: HostServices, _actor: Actor, asked: Fetch) -> Any:
    """Ask an address that the plugin's manifest names."""
    request = FetchRequest(asked.method, parse_url(asked.url), asked.headers, asked.content)
    return (await host.http.fetch(request, asked.timeout)).as_dict()
