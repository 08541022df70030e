"""Requests of plugins: each hop checked, connected to what was checked, and cut off where it becomes too much."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin

import httpcore

from rising_bsm import __version__
from rising_bsm.bundle.addresses import Address
from rising_bsm.bundle.network import NetworkRequest
from rising_bsm.bundle.urls import Target, parse_url
from rising_bsm.runtime.egress.answer import Fetched, decoded, plain_headers
from rising_bsm.runtime.egress.connecting import Pinned
from rising_bsm.runtime.egress.errors import FetchFailed, FetchTimeout, NotAllowed
from rising_bsm.runtime.egress.meter import Meter
from rising_bsm.runtime.egress.request import FetchRequest
from rising_bsm.runtime.egress.resolving import Networks, Resolve, permitted_addresses, system_resolver
from rising_bsm.runtime.limits import DEFAULT_LIMITS, RuntimeLimits

REDIRECTS = 5
_REDIRECTING = frozenset({301, 302, 303, 307, 308})


class Egress:
    """The one way of all plugins to the network.

    `allowed` are networks that may be reached although they are not public; `resolve` finds the addresses of names.
    No proxy, cookie jar or password file of the machine is used.
    """

    def __init__(
        self,
        limits: RuntimeLimits = DEFAULT_LIMITS,
        *,
        allowed: Networks = (),
        resolve: Resolve = system_resolver,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self.limits = limits
        self.meter = Meter(limits)
        self._allowed = allowed
        self._resolve = resolve
        self._certificates = certificates

    def of(self, plugin_id: str, network: Sequence[NetworkRequest]) -> "PluginEgress":
        """The way out of the plugin that may reach this."""
        return PluginEgress(self, plugin_id, network)

    async def exchange(self, plugin_id: str, request: FetchRequest) -> tuple[Fetched, str | None]:
        """The answer to one request, and where it redirects to, if it does; the place was checked to be allowed.

        Raises AddressRefused, AnswerTooLarge, FetchFailed.
        """
        addresses = await permitted_addresses(request.target, self._resolve, self._allowed)
        try:
            async with await self._connections(request.target, addresses) as connections:
                return await self._ask(connections, plugin_id, request)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, ssl.SSLError) as error:
            raise FetchFailed(
                f"{request.target.host} gave no answer: {_reason(error)}.",
                place=request.target.host,
                next_step="Try again later.",
            ) from error

    async def _connections(self, target: Target, addresses: Sequence[Address]) -> httpcore.AsyncConnectionPool:
        tls = await asyncio.to_thread(lambda: self._tls) if target.scheme == "https" else None
        return httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=1, retries=0, network_backend=Pinned(addresses)
        )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Reading the certificates takes a moment, so that is done once, and not before it is needed.
        return self._certificates or ssl.create_default_context()

    async def _ask(
        self, connections: httpcore.AsyncConnectionPool, plugin_id: str, request: FetchRequest
    ) -> tuple[Fetched, str | None]:
        target, size = request.target, len(request.body)
        url = httpcore.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=(target.path + target.query).encode(),
        )
        headers = _headers(plugin_id, request)
        try:
            async with connections.stream(request.method, url, headers=headers, content=request.body) as response:
                if response.status < 200:
                    raise _no_answer(target, f"the status {response.status}")
                parts, encoding = response.aiter_stream(), _single(response.headers, b"content-encoding") or ""
                body = await decoded(target, encoding.strip().lower(), parts, self.limits.fetch_answer_bytes)
                size += len(body)
                location = _single(response.headers, b"location") if response.status in _REDIRECTING else None
                return Fetched(response.status, plain_headers(response.headers), body, target), location
        finally:
            self.meter.add(plugin_id, size)


@dataclass(frozen=True)
class PluginEgress:
    """The way out of one plugin: to `network`, and to nowhere else."""

    egress: Egress
    plugin_id: str
    network: Sequence[NetworkRequest]

    async def fetch(self, request: FetchRequest, seconds: float) -> Fetched:
        """The answer, after at most 5 redirects, each of which must lead to where the plugin may go.

        Raises NotAllowed, AddressRefused, FetchesTooMany, AnswerTooLarge, FetchTimeout, FetchFailed.
        """
        seconds = min(seconds, self.egress.limits.fetch_seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._followed(request)
        except TimeoutError:
            host = request.target.host
            raise FetchTimeout(
                f"{host} did not answer within {seconds:g} s.", place=host, next_step="Try again later."
            ) from None

    async def _followed(self, request: FetchRequest) -> Fetched:
        for _ in range(REDIRECTS + 1):
            self.egress.meter.count(self.plugin_id, self._allowing(request).url)
            answer, location = await self.egress.exchange(self.plugin_id, request)
            if location is None:
                return answer
            request = request.redirected(answer.status, _redirect(request.target, location))
        raise _no_answer(request.target, f"more than {REDIRECTS} redirects")

    def _allowing(self, request: FetchRequest) -> NetworkRequest:
        for place in self.network:
            if place.allows(request.method, request.target):
                return place
        target = request.target
        raise NotAllowed(
            f"The manifest of {self.plugin_id} does not name {request.method} {target.scheme}://{target.authority}"
            f"{target.path[:200]}.",
            place=target.host,
            next_step="Its author can ask for it in [[tool.rising-bsm.network]], and an administrator install that.",
        )


NOWHERE = PluginEgress(Egress(), "", ())
"""No way out at all."""


def _redirect(target: Target, location: str) -> Target:
    try:
        return parse_url(urljoin(target.url, location.partition("#")[0]))
    except ValueError as error:
        raise NotAllowed(
            f"{target.host} redirects to an address that is none: it {error}.",
            place=target.host,
            next_step="Ask for the address that it should lead to.",
        ) from error


def _headers(plugin_id: str, request: FetchRequest) -> list[tuple[str, str]]:
    ours = {"host": request.target.authority, "accept-encoding": "gzip", "connection": "close"}
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        ours["content-length"] = str(len(request.body))
    usual = {"accept": "*/*", "user-agent": f"Rising-BSM/{__version__} ({plugin_id})"}
    return list((usual | dict(request.headers) | ours).items())


def _single(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> str | None:
    found = [text.decode("latin-1") for key, text in headers if key.lower() == name]
    # Two of them are two different answers, depending on who reads.
    return found[0] if len(found) == 1 else ", ".join(found) or None


def _no_answer(target: Target, what: str) -> FetchFailed:
    return FetchFailed(f"{target.host} answered with {what}.", place=target.host, next_step="Ask for another address.")


def _reason(error: Exception) -> str:
    return str(error).strip().rstrip(".")[:200] or type(error).__name__
