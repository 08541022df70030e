"""A dashboard with ten widgets of ten plugins: how long the page takes, and each widget. `python -m bench.widgets`."""

import asyncio
import os
import time

import httpx
import uvloop

from rising_bsm.sandbox import Pool, PoolSettings, cache

from .instance import install_source, serve, trust
from .table import Samples

WIDGETS, ROUNDS = 10, 20
WHAT = "what a browser waits for, over HTTP"
SOURCE = """
from rising_bsm_sdk import Plugin, action, component, ui


class Widget(Plugin):
    @component("dashboard.widget", title="Widget")
    def widget(self, ctx, props):
        visits = ctx.storage.increment("visits")
        rows = [ui.Line({"name": name}, actions=[ui.Button("Go", self.go, values={"name": name})]) for name in "abcdef"]
        chart = ui.Chart("bar", list("abcdef"), {"visits": [1, 2, 3, 4, 5, visits]}, title="Visits")
        table = ui.Table([ui.Column("name", "Name")], rows, label="Names")
        return ui.Card("Customers", ui.Stat("Customers", ctx.customers.count()), chart, table)

    @action
    def go(self, ctx, values):
        return None
"""


async def main() -> None:
    """The page alone, one widget at a time, and all of them at once as a browser asks for them."""
    samples, guest = Samples(), cache.open_compiled(cache.default_directory(), print)
    async with Pool(guest, PoolSettings(workers=1)) as pool, serve() as instance:
        await trust(instance)
        names = [f"widget-{number}" for number in range(WIDGETS)]
        plugins = [await install_source(instance, pool, name, SOURCE, "Widget", "customers.read") for name in names]
        headers = {"Authorization": f"Bearer {instance.token}", "HX-Request": "true", "HX-Request-Type": "partial"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{instance.port}", headers=headers) as browser:
            for _ in range(ROUNDS):
                await _round(browser, plugins, samples)
    os.close(guest)
    samples.show()


async def _round(browser: httpx.AsyncClient, plugins: list[str], samples: Samples) -> None:
    addresses = [f"/plugins/{plugin}/components/widget" for plugin in plugins]
    with samples.time(WHAT, "the dashboard, without its widgets"):
        (await browser.get("/")).raise_for_status()
    for address in addresses:
        with samples.time(WHAT, "one widget"):
            (await browser.get(address)).raise_for_status()
    started = time.perf_counter()
    for answer in await asyncio.gather(*map(browser.get, addresses)):
        answer.raise_for_status()
    samples.add(WHAT, f"all {WIDGETS} widgets, asked at once", time.perf_counter() - started)


if __name__ == "__main__":
    uvloop.run(main())
