"""A served instance on a new SQLite database, as people start it, and what an administrator does with it."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rising_bsm.bundle import SigningKey, pack, sign
from rising_bsm.bundle.manifest import make_manifest
from rising_bsm.runtime import describe
from rising_bsm.sandbox import Pool

EMAIL, PASSWORD = "bench@example.com", "a long password for the bench"
PROGRAM = (
    "import os; from rising_bsm.web.serve import serve; from rising_bsm.web.settings import Settings; "
    "serve(Settings.from_environment(os.environ))"
)
SOURCE = """
from rising_bsm_sdk import Plugin, before


class Bench(Plugin):
    @before("{hook}")
    def look(self, ctx, draft):
        return draft
"""


class Instance:
    """A running instance, its token, and the HTTP client of its administrator."""

    def __init__(self, url: str, token: str) -> None:
        self.port, self.token = int(url.rsplit(":", 1)[1]), token
        self._client = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """The answer's JSON."""
        answer = await self._client.request(method, path, **options)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def lines(self, path: str) -> AsyncIterator[str]:
        """The lines that come from `path`, as they come."""
        async with self._client.stream("GET", path) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                yield line


@asynccontextmanager
async def serve() -> AsyncIterator[Instance]:
    """An instance in a process of its own, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"DATA": folder, "PORT": "0", "ADMIN_EMAIL": EMAIL, "ADMIN_PASSWORD": PASSWORD}
        variables = {f"RISING_BSM_{name}": value for name, value in settings.items()}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROGRAM), env=os.environ | variables, stdout=asyncio.subprocess.PIPE
        )
        try:
            url = await _address(process)
            yield Instance(url, await _token(url))
        finally:
            process.terminate()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        if b"http://" in line:
            return line.split()[-1].decode()
    raise RuntimeError("the instance did not start")


async def _token(url: str) -> str:
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.post("/api/session", json={"email": EMAIL, "password": PASSWORD})
        csrf = {"X-CSRF-Token": answer.json()["csrf_token"]}
        made = await client.post("/api/tokens", json={"name": "bench"}, headers=csrf)
        return str(made.json()["token"])


KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(b"bench" + bytes(27)))


async def trust(instance: Instance) -> None:
    """Lets the plugins of the bench be installed."""
    await instance.ask("POST", "/api/trusted-keys", json={"publisher": "bench", "public_key": str(KEY.public_key)})


async def install(instance: Instance, pool: Pool, count: int, hook: str) -> list[str]:
    """The names of `count` new plugins with one `before` hook each, installed and switched off."""
    names = []
    for number in range(count):
        bundle = sign(await _bundle(pool, f"{hook.replace('.', '-')}-{number}", hook), KEY)
        made = await instance.ask("POST", "/api/plugins", content=bundle, headers={"Content-Type": "application/zip"})
        names.append(made["id"])
        await instance.ask("POST", f"/api/plugins/{names[-1]}/deactivate")
    return names


async def install_source(
    instance: Instance, pool: Pool, name: str, source: str, plugin_class: str, permission: str
) -> str:
    """The id of a plugin with this source, installed and active."""
    bundle = sign(await _pack(pool, name, source.encode(), plugin_class, permission), KEY)
    made = await instance.ask("POST", "/api/plugins", content=bundle, headers={"Content-Type": "application/zip"})
    return str(made["id"])


async def _bundle(pool: Pool, name: str, hook: str) -> bytes:
    code = (SOURCE.format(hook=hook) + f"\nNAME = {json.dumps(name)}\n").encode()
    return await _pack(pool, name, code, "Bench", f"{hook.partition('.')[0]}.read")


async def _pack(pool: Pool, name: str, code: bytes, plugin_class: str, permission: str) -> bytes:
    draft = make_manifest(
        {
            **{"publisher": "bench", "name": name, "version": "1.0.0", "display_name": name, "license": "MIT"},
            **{"description": "Looks on.", "type": "automation", "host": ">=0.1,<1"},
            "main": f"bench_plugin:{plugin_class}",
            "permissions": [{"code": permission, "reason": "It looks on."}],
        }
    )
    exports = await describe(pool, await pool.compile({"bench_plugin.py": code}, draft.main))
    return pack(draft.with_exports(exports.model_dump(mode="json")), {"code/bench_plugin.py": code})
