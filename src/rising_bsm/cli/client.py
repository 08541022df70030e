"""A running instance, spoken to over HTTP; what it refuses comes out as the same error it went in as."""

import json
from collections.abc import Collection, Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from rising_bsm.errors import Error, InvalidInput

SECONDS = 120
RECONNECTIONS = 5
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Unreachable(Error):
    """Nothing answers at the address."""

    code = "instance.unreachable"


class StrangeAnswer(Error):
    """Something answers at the address that is no Rising-BSM."""

    code = "instance.strange_answer"


class Instance:
    """One instance at `url`, as whoever `token` belongs to."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = checked_url(url)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        local = urlsplit(self.url).hostname in LOOPBACK  # which no proxy of the environment can reach
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=SECONDS, trust_env=not local)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def get(self, path: str, *, has: Collection[str] = ()) -> Any:
        """The JSON at `path`, an object with the keys `has`."""
        return self._send("GET", path, has)

    def post(
        self, path: str, json: Any = None, *, has: Collection[str] = (), headers: Mapping[str, str] | None = None
    ) -> Any:
        """Send `json` to `path`; the answer's JSON, an object with the keys `has`, or None."""
        return self._send("POST", path, has, json=json, headers=headers)

    def events(self, path: str) -> Iterator[Any]:
        """What the server tells at `path` as server-sent events, each as JSON, until it ends; gone on with when the
        connection breaks."""
        last, attempts = "", 0
        while True:
            try:
                for name, data in self._events(path, last):
                    last, attempts = name, 0
                    yield data
                return
            except httpx.TransportError as trouble:
                attempts += 1
                if attempts == RECONNECTIONS:
                    raise self._unreachable(trouble) from trouble

    def _events(self, path: str, last: str) -> Iterator[tuple[str, Any]]:
        headers = {"Last-Event-ID": last} if last else {}
        with self._http.stream("GET", path, headers=headers) as answer:
            if not answer.is_success:
                answer.read()
                raise refusal_of(answer)
            for line in answer.iter_lines():
                name, _, text = line.partition(": ")
                if name == "id":
                    last = text
                elif name == "data":
                    yield last, json.loads(text)

    def upload(self, path: str, data: bytes, *, has: Collection[str] = ()) -> Any:
        """Send a file to `path`; the answer's JSON."""
        return self._send("POST", path, has, content=data, headers={"Content-Type": "application/octet-stream"})

    def delete(self, path: str, *, headers: Mapping[str, str] | None = None) -> None:
        """Remove what is at `path`."""
        self._send("DELETE", path, (), headers=headers)

    def _send(self, method: str, path: str, has: Collection[str], **parts: Any) -> Any:
        try:
            answer = self._http.request(method, path, **parts)
        except httpx.TransportError as trouble:
            raise self._unreachable(trouble) from trouble
        if not answer.is_success:
            raise refusal_of(answer)
        body = _json_of(answer) if answer.content else None
        if has and not (isinstance(body, Mapping) and set(has) <= set(body)):
            raise _strange(answer)
        return body

    def _unreachable(self, trouble: httpx.TransportError) -> Unreachable:
        return Unreachable(
            f"Nothing answers at {self.url} ({trouble or type(trouble).__name__}).",
            place=self.url,
            next_step="Start the application with `rising-bsm serve`, or name another address with --url.",
        )


def checked_url(url: str) -> str:
    """`url` without a trailing slash; raises `InvalidInput` unless it is an http or https address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput(
            f'"{url}" is no address.', code="instance.bad_url", place="--url", next_step="http://host:port"
        )
    return url.rstrip("/")


def refusal_of(answer: httpx.Response) -> Error:
    """The error that the instance answered with."""
    body = _json_of(answer)
    if not isinstance(body, Mapping) or not isinstance(body.get("message"), str):
        raise _strange(answer)
    said = {name: str(body[name]) for name in ("code", "place", "next_step") if body.get(name) is not None}
    if isinstance(body.get("fields"), Mapping):
        return InvalidInput(body["message"], fields={str(k): str(v) for k, v in body["fields"].items()}, **said)
    return Error(body["message"], **said)


def _json_of(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise _strange(answer) from None


def _strange(answer: httpx.Response) -> StrangeAnswer:
    return StrangeAnswer(
        f"The answer (status {answer.status_code}) is not one of Rising-BSM.",
        place=str(answer.request.url),
        next_step="Check the address that --url or RISING_BSM_URL gives.",
    )


def is_private(url: str) -> bool:
    """Whether nobody can listen on the way to `url`: it is encrypted, or it is this machine."""
    parts = urlsplit(checked_url(url))
    return parts.scheme == "https" or parts.hostname in LOOPBACK
