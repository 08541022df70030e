"""The engine alone, in this process, without a jail."""

import json
import os
import time
from collections.abc import Callable

from rising_bsm.sandbox import Limits, PluginCode
from rising_bsm.sandbox.engine import Guest, Instance
from rising_bsm.sandbox.world import World

from .plugin import REPLY, request
from .table import Samples

LIMITS = Limits()


class Engine:
    """A guest and one plugin, called without any process in between."""

    def __init__(self, guest: int, code: PluginCode) -> None:
        self.guest = Guest.from_compiled(f"/proc/self/fd/{guest}", World(lambda _stream, _text: None))
        self.code = code
        self.resident = self.fresh()

    def fresh(self) -> Instance:
        """An instance with the plugin loaded."""
        instance = self.guest.instantiate(self.code.memory_bytes)
        instance.load(self.code.payload, seed=b"", clock_ns=0)
        return instance

    def call(self, instance: Instance, handler: str) -> None:
        """One call."""
        answer = instance.invoke(
            json.dumps(request(handler)), LIMITS, seed=os.urandom(32), clock_ns=time.time_ns(), answer=lambda *_: REPLY
        )
        assert '"ok"' in answer, answer

    def round(self, samples: Samples) -> None:
        """One sample of each measure."""
        spares = [self.fresh() for _ in range(2)]
        with samples.time("cold start: instance + load + first call", "engine"):
            cold = self.fresh()
            self.call(cold, "hello")
        with samples.time("call with a spare ready", "engine"):
            self.call(spares[0], "hello")
        with samples.time("call with one host call, spare ready", "engine"):
            self.call(spares[1], "ask")
        with samples.time("resident call", "engine"):
            self.call(self.resident, "hello")
        for instance in (cold, *spares):
            instance.close()

    def memory_per_instance(self, count: int) -> float:
        """Private bytes that each loaded and called instance adds to this process."""
        before = _private_bytes()
        instances = [self.fresh() for _ in range(count)]
        for instance in instances:
            self.call(instance, "hello")
        each = (_private_bytes() - before) / count
        for instance in instances:
            instance.close()
        return each

    def fresh_calls_per_second(self, seconds: float) -> float:
        """Cold calls one after the other."""
        return _rate(self._one_fresh, seconds)

    def resident_calls_per_second(self, seconds: float) -> float:
        """Calls of one instance one after the other."""
        return _rate(lambda: self.call(self.resident, "hello"), seconds)

    def _one_fresh(self) -> None:
        instance = self.fresh()
        self.call(instance, "hello")
        instance.close()


def _rate(step: Callable[[], None], seconds: float) -> float:
    count, end = 0, time.perf_counter() + seconds
    started = time.perf_counter()
    while time.perf_counter() < end:
        step()
        count += 1
    return count / (time.perf_counter() - started)


def _private_bytes() -> int:
    with open("/proc/self/statm") as file:
        _size, resident, shared, *_rest = map(int, file.read().split())
    return (resident - shared) * os.sysconf("SC_PAGESIZE")
