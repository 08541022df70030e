"""A caller that closes the connection does not leave a plugin running behind it."""

import socket
from pathlib import Path

import pytest

from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.plugins import make_signed_plugin
from support.served import Served, served

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

BYTES = {"Content-Type": "application/octet-stream"}
PLUGIN = """
@route("GET", "/fine")
def fine(self, ctx, request):
    return "fine"

@route("GET", "/wait")
def wait(self, ctx, request):
    time.sleep(25)
    return "waited"
"""


async def test_the_worker_of_a_caller_that_left_is_free_again(pool: Pool, tmp_path: Path) -> None:
    bundle = await make_signed_plugin(pool, PLUGIN)
    with served(tmp_path, WORKERS="1") as instance, instance.browser() as browser:
        browser.post("/api/trusted-keys", json={"publisher": "acme", "public_key": str(make_key().public_key)})
        assert browser.post("/api/plugins", content=bundle, headers=BYTES).status_code == 201
        token = browser.post("/api/tokens", json={"name": "leaver"}).json()["token"]
        ask_and_leave(instance, "/api/ext/acme.test/wait", token)
        # With the only worker asleep for 25 s, this would end as busy after 10 s in the queue.
        answer = browser.get("/api/ext/acme.test/fine")
        assert (answer.status_code, answer.json()) == (200, "fine")
        log = browser.get("/api/plugins/acme.test/log").text
        assert "waited" not in log


def ask_and_leave(instance: Served, path: str, token: str) -> None:
    """Send a request, and close the connection without waiting for the answer."""
    with socket.create_connection(("127.0.0.1", instance.port), timeout=10) as connection:
        lines = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}")
        connection.sendall("\r\n".join((*lines, "", "")).encode())
        connection.settimeout(0.5)  # long enough for the plugin to have begun
        with pytest.raises(TimeoutError):
            connection.recv(1)
