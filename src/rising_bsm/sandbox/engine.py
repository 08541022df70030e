"""The guest: all of CPython as one component, compiled ahead of time, of which fresh instances are made."""

import json
from pathlib import Path

from wasmtime import Config, Engine, Store, WasmtimeError
from wasmtime.component import Component, Linker

from . import wasi
from .door import Answer, TextFunction, TextImport, TooLong
from .errors import BadResult, Crashed, OutOfFuel, OutOfMemory, RecursionTooDeep, SandboxError
from .limits import LOADING, Limits
from .world import World

CONFIGURATION = {
    "consume_fuel": True,
    "wasm_threads": False,
    "wasm_memory64": False,
    "wasm_tail_call": False,
    "wasm_relaxed_simd": False,
    "wasm_stack_switching": False,
    "cranelift_opt_level": "speed",
    "max_wasm_stack": 512 * 1024,
}


def make_engine() -> Engine:
    """An engine in our configuration; a compiled guest fits only an engine of the same configuration."""
    config = Config()
    config.wasm_component_model = True
    for name, value in CONFIGURATION.items():
        setattr(config, name, value)
    return Engine(config)


class Guest:
    """The compiled guest in this process. One call runs at a time."""

    def __init__(self, engine: Engine, component: Component, world: World) -> None:
        self.engine, self.component, self.world = engine, component, world
        self.door = TextImport(LOADING.payload_bytes)
        self._linker = Linker(engine)
        self._linker.allow_shadowing = True
        self._linker.define_unknown_imports_as_traps(component)  # files, sockets and all the rest
        wasi.define(self._linker, world)
        with self._linker.root() as root:
            self.door.define_in(root, "call")

    @classmethod
    def from_compiled(cls, path: Path | str, world: World) -> "Guest":
        """Map a guest that `rising_bsm.sandbox.cache` has compiled and checked."""
        engine = make_engine()
        return cls(engine, Component.deserialize_file(engine, str(path)), world)

    def instantiate(self, memory_bytes: int) -> "Instance":
        """A fresh interpreter that knows no plugin."""
        return Instance(self, memory_bytes)


class Instance:
    """One interpreter. After a trap it must be closed."""

    def __init__(self, guest: Guest, memory_bytes: int) -> None:
        self._guest = guest
        self._store = Store(guest.engine)
        self._store.set_limits(memory_size=memory_bytes, table_elements=100_000, instances=100, tables=100, memories=10)
        self._store.set_fuel(LOADING.fuel)
        instance = guest._linker.instantiate(self._store, guest.component)
        self._load = TextFunction(self._store, instance, "load")
        self._invoke = TextFunction(self._store, instance, "invoke")
        self.fuel_used = 0

    def load(self, payload: str, *, seed: bytes, clock_ns: int) -> str:
        """Import a plugin: `payload` is what `PluginCode.payload` holds. The host cannot be called meanwhile."""
        return self._run(self._load, payload, LOADING, seed, clock_ns, _refuse_calls)

    def invoke(self, payload: str, limits: Limits, *, seed: bytes, clock_ns: int, answer: Answer | None = None) -> str:
        """Run one operation and return the guest's answer, the JSON text of `{"ok": ...}` or `{"error": ...}`.

        Raises a `SandboxError` when the call was stopped.
        """
        return self._run(self._invoke, payload, limits, seed, clock_ns, answer or _refuse_calls)

    def _run(
        self, function: TextFunction, payload: str, limits: Limits, seed: bytes, clock_ns: int, answer: Answer
    ) -> str:
        guest = self._guest
        guest.world.begin(seed=seed, clock_ns=clock_ns, wall_seconds=limits.wall_seconds, log_bytes=limits.log_bytes)
        guest.door.answer, guest.door.limit_bytes = self._output_or(answer), limits.payload_bytes
        guest.door.too_long = _too_long
        self._store.set_fuel(limits.fuel)
        try:
            return function(self._store, payload, limits.payload_bytes)
        except TooLong as error:
            raise BadResult(f"the plugin returned {error.size:,} bytes, {limits.payload_bytes:,} are allowed") from None
        except WasmtimeError as error:
            raise self._explain(error) from None
        finally:
            self.fuel_used = limits.fuel - self._store.get_fuel()

    def _output_or(self, answer: Answer) -> Answer:
        """`print` crosses the same door under a name of its own, and ends in the log."""
        world = self._guest.world

        def answered(name: str, payload: str) -> str:
            if name in ("stdout", "stderr"):
                world.log(name, payload)
                return ""
            return answer(name, payload)

        return answered

    def _explain(self, error: WasmtimeError) -> SandboxError:
        if self._guest.world.failure is not None:
            return self._guest.world.failure
        message = str(error)
        if self._store.get_fuel() == 0 or "all fuel consumed" in message:
            return OutOfFuel("the plugin computed longer than one call may")
        if "call stack exhausted" in message:
            return RecursionTooDeep("the plugin called itself too deeply")
        if "allocation" in message or "out of memory" in message:
            return OutOfMemory("the plugin needs more memory than it has")
        return Crashed(f"the interpreter inside the sandbox stopped: {message.splitlines()[-1].strip()}")

    def close(self) -> None:
        """Give the memory back."""
        self._store.close()


def _refuse_calls(name: str, _payload: str) -> str:
    return json.dumps(
        {"error": {"code": "host.not_now", "message": f"{name} cannot be called while a plugin is loaded"}}
    )


def _too_long(size: int) -> str:
    return json.dumps({"error": {"code": "host.payload_too_large", "message": f"{size:,} bytes are too many"}})
