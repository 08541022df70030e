"""Plugins that show something, installed on a site that a browser looks at."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rising_bsm.cli.author import sandbox
from rising_bsm.sandbox import Pool
from support.browser import Site
from support.bundles import make_key
from support.plugins import make_signed_example, make_signed_plugin

Make = Callable[[Pool], Coroutine[Any, Any, bytes]]


def installed(site: Site, name: str, body: str, **more: Any) -> str:
    """The id of a plugin whose class has this body, installed on the site; it is asked however often it fails."""
    site.trust("acme", make_key())
    plugin_id = site.install(made(lambda pool: make_signed_plugin(pool, body, name=name, **more)))
    assert site.api.put(f"/api/plugins/{plugin_id}/breaker", json={"mode": "off"}).is_success
    return plugin_id


def example(site: Site, name: str) -> str:
    """The id of an example, installed on the site; the same whenever it is asked for."""
    plugin_id = f"demo.{name}"
    if plugin_id not in {one["id"] for one in site.get("/api/plugins")["items"]}:
        site.trust("demo", make_key(2))
        site.install(made(lambda pool: make_signed_example(pool, name, key=make_key(2))))
    return plugin_id


def made(make: Make) -> bytes:
    """What is made with a sandbox that is open as long."""

    async def run() -> bytes:
        async with sandbox() as pool:
            return await make(pool)

    # In a thread of its own: the browser's has a loop already.
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, run()).result()
