import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from rising_bsm.bundle.manifest import Exports
from rising_bsm.runtime import compile_bundle, describe
from rising_bsm.runtime.loader import ExportsDiffer, ExportsInvalid
from rising_bsm.sandbox import PluginRaised, Pool
from support.people import make_customer
from support.runtime import Instance, make_opened_bundle, make_plugin

pytestmark = pytest.mark.anyio

METHODS = """
@route("GET", "/", permission="customers.read")
def run(self, ctx, request):
    from importlib.resources import files
    from helpers import inner
    return [inner.VALUE, files("helpers").joinpath("data.txt").read_text()]
@before("customers.update")
def check(self, ctx, draft):
    return draft
def on_install(self, ctx):
    pass
"""
EXPORTS = Exports.model_validate_json("""{
    "routes": [{"method": "GET", "path": "/", "handler": "run", "permission": "customers.read"}],
    "before": [{"hook": "customers.update", "handler": "check"}],
    "lifecycle": ["on_install"]
}""")
FILES = {
    "code/helpers/__init__.py": b"",
    "code/helpers/inner.py": b"VALUE = 42\n",
    "code/helpers/data.txt": b"data",
}


async def test_a_bundle_becomes_a_plugin_that_runs(instance: Instance) -> None:
    bundle = make_opened_bundle(METHODS, EXPORTS, files=FILES)
    plugin = replace(await make_plugin(instance.pool, METHODS), code=partial(compile_bundle, instance.pool, bundle))
    assert plugin.exports == EXPORTS
    instance.runtime.attach(plugin)

    assert (await instance.get()).body == [42, "data"]


async def test_what_the_manifest_says_of_resources_is_what_the_code_has(pool: Pool) -> None:
    bundle = make_opened_bundle(resources={"memory_mib": 64, "resident": True})

    code = await compile_bundle(pool, bundle)

    assert (code.memory_bytes, code.resident) == (64 * 1024 * 1024, True)
    assert await describe(pool, code) == Exports()


@pytest.mark.parametrize(
    ("part", "promised"),
    [
        ("routes", []),
        ("routes", [{"method": "GET", "path": "/", "handler": "run", "permission": None}]),
        ("routes", [{"method": "GET", "path": "/", "handler": "on_install", "permission": "customers.read"}]),
        ("before", []),
        ("before", [{"hook": "customers.delete", "handler": "check"}]),
        ("lifecycle", []),
        ("lifecycle", ["on_install", "on_uninstall"]),
    ],
)
async def test_a_class_that_is_not_what_the_manifest_says_is_refused(pool: Pool, part: str, promised: Any) -> None:
    exports = Exports.model_validate_json(json.dumps(EXPORTS.model_dump(mode="json") | {part: promised}))
    bundle = make_opened_bundle(METHODS, exports)

    with pytest.raises(ExportsDiffer) as refusal:
        await compile_bundle(pool, bundle)

    assert (refusal.value.code, refusal.value.place) == ("plugin.exports_differ", f"exports.{part}")


@pytest.mark.parametrize(
    ("decorator", "place"),
    [
        ('@route("GET", "no slash")', "routes[0].path"),
        ('@route("GET", "/../x")', "routes[0].path"),
        ('@route("FETCH", "/")', "routes[0].method"),
        ('@route("GET", "/", permission=5)', "routes[0].permission"),
        ('@route("GET", ["/"])', "routes[0].path"),
        ('@route("GET", "/{a}")\n@route("GET", "/{b}")', "routes"),
        ('@before("customers.explode")', "before[0].hook"),
        ("@before(None)", "before[0].hook"),
        ('@before("customers.create")\n@before("customers.create")', "before"),
    ],
)
async def test_a_class_that_answers_to_nonsense_is_refused(pool: Pool, decorator: str, place: str) -> None:
    bundle = make_opened_bundle(f"{decorator}\ndef run(self, ctx, request):\n    pass\n")

    with pytest.raises(ExportsInvalid) as refusal:
        await compile_bundle(pool, bundle)

    assert (refusal.value.code, refusal.value.place) == ("plugin.exports_invalid", place)


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"code/helpers.py": b"def broken(:\n"}, "helpers.py:1"),
        ({"code/test_plugin.py": b"import nothing_of_this_name\n"}, "test_plugin.py:1"),
        ({"code/test_plugin.py": b"class Other: pass\n"}, None),
        ({"code/test_plugin.py": b"class Main: pass\n"}, None),
        ({"code/test_plugin.py": b"x = 1\nraise SystemExit\n"}, "test_plugin.py:2"),
    ],
)
async def test_what_cannot_be_loaded_is_refused_with_the_authors_line(
    pool: Pool, files: dict[str, bytes], place: str | None
) -> None:
    with pytest.raises(PluginRaised) as refusal:
        await compile_bundle(pool, make_opened_bundle(files=files))

    assert refusal.value.place == place


async def test_a_plugin_cannot_ask_the_host_while_it_is_loaded(instance: Instance) -> None:
    await make_customer(instance.database)
    await instance.attach(
        """
    from wit_world import call
    found = call("customers.count", "{}")
    @route("GET", "/")
    def run(self, ctx, request):
        return [self.found, ctx.customers.count()]
    """,
        grants={"customers.read"},
    )

    at_load, later = (await instance.get()).body

    assert "error" in at_load
    assert later == 1
