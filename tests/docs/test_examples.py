"""Every plugin on a page is compiled in the real sandbox, and answers what the page says."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from rising_bsm.accounts.permissions import PEOPLE_ONLY, PERMISSIONS
from rising_bsm.analysis.loaded import Loaded
from rising_bsm.analysis.simulator import open_simulator
from rising_bsm.bundle.manifest import Manifest
from rising_bsm.cli.target import parse_target
from rising_bsm.sandbox import Pool
from rising_bsm.sandbox.errors import PluginRefused
from support.bundles import make_manifest
from support.docs import Block, Page, page, pages

pytestmark = pytest.mark.anyio

CLASS = re.compile(r"^class (\w+)\(Plugin\)", re.MULTILINE)
EVENTS = {"acme.payments:paid": {"id": "17", "month": "2030-01"}}
VALUES = {"name": "Ada", "number": 3, "id": "1", "text": "Call back"}
EXAMPLES = [(one, block) for one in pages() for block in one.blocks("python") if CLASS.search(block.text)]


async def loaded(pool: Pool, block: Block) -> Loaded:
    """The plugin in a block, with every permission that there is to ask for."""
    name = CLASS.findall(block.text)[0]
    code = await pool.compile({"example.py": block.text.encode()}, f"example:{name}")
    asked = [{"code": one, "reason": "To try the example."} for one in PERMISSIONS.keys() - PEOPLE_ONLY]
    draft: Manifest = make_manifest(main=f"example:{name}", permissions=asked)
    return Loaded(draft, {}, code, await pool.describe(code), 0.0)


async def answer(pool: Pool, plugin: Loaded, target: str, payload: Any = None) -> Any:
    async with open_simulator(pool, plugin, now=datetime(2030, 1, 31, tzinfo=UTC), seed=b"") as simulator:
        return await simulator.call(parse_target(target), payload)


def test_there_are_examples_where_newcomers_look() -> None:
    assert {one.name for one, _ in EXAMPLES} >= {"README.md", "docs/guide/first-plugin.md", "sdk/README.md"}


@pytest.mark.parametrize(("one", "block"), EXAMPLES, ids=[one.name for one, _ in EXAMPLES])
async def test_an_example_runs_and_does_all_that_it_answers_to(pool: Pool, one: Page, block: Block) -> None:
    plugin = await loaded(pool, block)
    exports = plugin.manifest.exports
    assert exports.routes or exports.after or exports.schedules or exports.components
    for route in exports.routes:
        try:
            assert (await answer(pool, plugin, f"{route.method} {route.path}"))["status"] == 200
        except PluginRefused:
            # Nobody has signed what is sent here.
            assert route.public
    for export in exports.after:
        await answer(pool, plugin, f"after {export.event}", EVENTS.get(export.event))
    for component in exports.components:
        assert await answer(pool, plugin, f"component {component.handler}")
    for action in exports.actions:
        await answer(pool, plugin, f"action {action.handler}", VALUES)
    for schedule in exports.schedules:
        await answer(pool, plugin, f"schedule {schedule.handler}")


@pytest.mark.parametrize("name", ["README.md", "docs/guide/first-plugin.md"])
async def test_the_example_refuses_a_bad_customer_and_changes_a_good_one(pool: Pool, name: str) -> None:
    plugin = await loaded(pool, next(block for one, block in EXAMPLES if one.name == name))
    with pytest.raises(PluginRefused, match="needs a company") as refusal:
        await answer(
            pool, plugin, "before customers.create", {"name": "Bo", "email": "bo@bakery.example", "type": "business"}
        )
    assert refusal.value.place == "company"
    good = await answer(pool, plugin, "before customers.create", {"name": "Ada", "email": "ada@bakery.example"})
    assert good["status"] == "lead"


def test_the_readme_shows_a_plugin_of_few_lines() -> None:
    (block,) = page("README.md").blocks("python")
    assert len([line for line in block.text.splitlines() if line.strip()]) <= 11


def test_every_block_of_json_is_json() -> None:
    for one in pages():
        for block in one.blocks("json"):
            json.loads(block.text)
