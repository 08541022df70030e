"""From an opened bundle to code that can run, and to what its class says of itself."""

import asyncio
import json
from typing import Any

from pydantic import ValidationError

from rising_bsm.bundle import UnverifiedBundle, VerifiedBundle
from rising_bsm.bundle.manifest import KNOWN_KEYS, Exports
from rising_bsm.bundle.problems import problems
from rising_bsm.errors import InvalidInput, NotFound
from rising_bsm.runtime.host import DEPTH
from rising_bsm.sandbox import PluginCode, Pool
from rising_bsm.sandbox.code import code_of, compile_request
from rising_bsm.sandbox.limits import LOADING, MIB, Limits


class ExportsInvalid(InvalidInput):
    """The plugin's class answers to what no plugin can answer to; `place` is the first such export."""

    code = "plugin.exports_invalid"


class ExportsDiffer(InvalidInput):
    """The plugin's class does not answer to what its manifest says; `place` is the part of `exports`."""

    code = "plugin.exports_differ"


async def compile_bundle(pool: Pool, bundle: VerifiedBundle | UnverifiedBundle) -> PluginCode:
    """The bundle's code, compiled in the sandbox, once its class answers to exactly what its manifest says.

    Raises PluginRaised with file and line for what is no Python, ExportsInvalid, ExportsDiffer, PoolBusy.
    """
    main, resources, files = bundle.manifest.main, bundle.manifest.resources, bundle.code
    modules = await _run(pool, None, compile_request(files), LOADING)
    data = {path: content for path, content in files.items() if not path.endswith(".py")}
    memory, resident = resources.memory_mib * MIB, resources.resident
    # Beside the event loop: it may be 20 MB.
    code = await asyncio.to_thread(code_of, main, modules, data, memory_bytes=memory, resident=resident)
    _check(bundle.manifest.exports, await describe(pool, code))
    return code


async def describe(pool: Pool, code: PluginCode) -> Exports:
    """What the plugin's class exports, read off it in the sandbox. Raises ExportsInvalid, SandboxError, PoolBusy."""
    try:
        return Exports.model_validate_json(json.dumps(await _run(pool, code, {"op": "describe"}, Limits())))
    except ValidationError as error:
        found = problems(error, KNOWN_KEYS)
        place, sentence = next(iter(found.items()))
        raise ExportsInvalid(
            f"The plugin's class cannot be used: {place or 'it'} {sentence}.",
            place=place or "exports",
            fields=found,
            next_step="Its author must correct the decorators of the class.",
        ) from None


async def _run(pool: Pool, code: PluginCode | None, request: dict[str, Any], limits: Limits) -> Any:
    # At the depth of whoever needs the code: those above may have taken all the workers of theirs, and wait for it.
    outcome = await pool.call(code, request, host=_nothing_to_ask, limits=limits, depth=DEPTH.get())
    return outcome.value


async def _nothing_to_ask(name: str, _payload: Any) -> Any:
    raise NotFound("Nothing can be asked of the host while a plugin is loaded.", code="host.unknown", place=name)


def _check(promised: Exports, found: Exports) -> None:
    for part in Exports.model_fields:
        if getattr(promised, part) != getattr(found, part):
            raise ExportsDiffer(
                f"The plugin's class does not have the {part} that its manifest names.",
                place=f"exports.{part}",
                next_step="Its author must build the bundle again with `rising-bsm build`.",
            )
