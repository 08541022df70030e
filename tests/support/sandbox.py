"""Small plugins for the sandbox and ways to call them."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from rising_bsm.sandbox import Limits, Outcome, PluginCode, Pool

SEED = b"seed"
CLOCK_NS = 1_790_000_000 * 10**9

PREFIX = """
from rising_bsm_sdk import *

class Main(Plugin):
"""


async def make_code(
    pool: Pool, body: str = "", *, files: Mapping[str, bytes] | None = None, **options: Any
) -> PluginCode:
    """Compile a plugin whose class has `body`, indented by four spaces; `files` are more files of the bundle."""
    source = PREFIX + (body or "    pass") + "\n"
    return await pool.compile({"main_module.py": source.encode(), **(files or {})}, "main_module:Main", **options)


def route(*lines: str, name: str = "run") -> str:
    """A method that serves as a route."""
    return f"    def {name}(self, ctx, request):\n" + "\n".join(f"        {line}" for line in lines) + "\n"


async def call(
    pool: Pool,
    code: PluginCode,
    handler: str = "run",
    *,
    body: Any = None,
    replies: Mapping[str, Any] | None = None,
    seed: bytes | None = SEED,
    clock_ns: int | None = CLOCK_NS,
    log: list[tuple[str, str]] | None = None,
    depth: int = 0,
    **limits: Any,
) -> Outcome:
    """Call a handler as a route; `replies` answer host calls by name."""

    async def host(name: str, _arguments: Any) -> Any:
        return (replies or {})[name]

    request = {"method": "GET", "path": "/", "body": body}
    return await pool.call(
        code,
        {
            "op": "route",
            "handler": handler,
            "request": request,
            "context": {"plugin": {"id": "a.b", "version": "1.0.0"}},
        },
        host=host,
        limits=replace(Limits(), **limits),
        seed=seed,
        clock_ns=clock_ns,
        on_log=lambda stream, text: log.append((stream, text)) if log is not None else None,
        depth=depth,
    )


async def run(pool: Pool, *lines: str, **options: Any) -> Any:
    """What a route made of `lines` answers in its body."""
    outcome = await call(pool, await make_code(pool, route(*lines)), **options)
    return outcome.value["body"]
