"""Asking others on the network: the places that the manifest names, and no others."""

import base64
import json as json_text
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

FetchMethod = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Reply:
    """An answer from the network; `url` is what answered after redirects, `headers` have lower-case names.

    `body` is a text where the answer says that it is one, bytes otherwise.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: str | bytes

    @property
    def ok(self) -> bool:
        """Whether the status says that it was done."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The decoded body; raises ValueError for what is not JSON."""
        return json_text.loads(self.body)


class Http:
    """The network, within what the manifest names in `[[tool.rising-bsm.network]]`."""

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._call = call

    def fetch(
        self,
        method: FetchMethod,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        body: str | bytes = "",
        timeout: float = 10.0,
    ) -> Reply:
        """The answer of an address, after redirects; whatever its status. `json` is sent as such, else `body`.

        At most 256 KiB go there and 1 MiB comes back, within `timeout` seconds. Raises `HostError` with the code
        `http.not_allowed`, `http.address_refused`, `http.rate_limited`, `http.timeout`, `http.too_large` or
        `http.failed`.
        """
        sent = dict(headers or {})
        if json is not None:
            body = json_text.dumps(json)
            if not any(name.lower() == "content-type" for name in sent):
                sent["content-type"] = "application/json"
        packed = isinstance(body, bytes)
        content = base64.b64encode(body).decode() if isinstance(body, bytes) else body
        asked = {"method": method, "url": url, "headers": sent, "body": content, "base64": packed, "timeout": timeout}
        answer = self._call("http.fetch", asked)
        got = base64.b64decode(answer["body"]) if answer["base64"] else answer["body"]
        return Reply(answer["status"], answer["url"], answer["headers"], got)
