"""The engine works in the jail: guests are instantiated, called, trapped and stopped after the lock."""

import pytest

from support.jail import USERS, run_jailed

# Leaves `linker`, `module` and what the engine opened for itself in `keep`, as a worker would before it locks itself.
LOADED = """
import sys
wasmtime, opened = sys.modules['wasmtime'], sys.modules['rising_bsm.sandbox.jail.process'].open_descriptors
config = wasmtime.Config()
config.consume_fuel = True
config.parallel_compilation = False
engine = wasmtime.Engine(config)
text = '''(module
  (import "host" "add" (func $add (param i32) (result i32)))
  (memory (export "memory") 4 5000) (data (i32.const 70000) "image")
  (func (export "call") (result i32) (drop (memory.grow (i32.const 10))) (call $add (i32.const 41)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "trap") unreachable)
  (func (export "reach") (result i32) (i32.load (i32.const -4)))
  (func $recurse (export "recurse") (call $recurse))
  (func (export "loop") (loop br 0)))'''
guest_file = os.memfd_create('guest')
os.write(guest_file, wasmtime.Module(engine, text).serialize())
readable = os.open(f'/proc/self/fd/{guest_file}', os.O_RDONLY)
os.close(guest_file)
before = opened()
module = wasmtime.Module.deserialize_file(engine, f'/proc/self/fd/{readable}')
keep |= opened() - before
linker = wasmtime.Linker(engine)
number = wasmtime.ValType.i32()
linker.define_func('host', 'add', wasmtime.FuncType([number], [number]), lambda value: value + 1)
def instance():
    store = wasmtime.Store(engine)
    store.set_fuel(100_000)
    made = linker.instantiate(store, module).exports(store)
    return lambda name, *arguments: made[name](store, *arguments)
"""


@pytest.mark.parametrize("user", USERS)
def test_a_thousand_guests_are_made_called_and_trapped_after_the_lock(user: int | None) -> None:
    attack = """
result = {'called': 0, 'stopped': 0}
for _ in range(1000):
    guest = instance()
    result['called'] += guest('call') == 42
    for way in ('trap', 'reach', 'recurse', 'loop'):
        try:
            guest(way)
        except (wasmtime.Trap, wasmtime.WasmtimeError):
            result['stopped'] += 1
"""
    outcome = run_jailed(attack, before=LOADED, user=user, imports=["wasmtime"])
    assert outcome.result == {"called": 1000, "stopped": 4000}, outcome


def test_a_guest_that_grows_beyond_the_memory_of_the_process_is_told_so() -> None:
    attack = "guest = instance(); result = [guest('grow', 4000), guest('grow', 16), guest('call')]"
    assert run_jailed(attack, before=LOADED, imports=["wasmtime"]).result == [4, 4004, 42]
    assert run_jailed(attack, before=LOADED, imports=["wasmtime"], memory_bytes=192 << 20).result == [-1, 4, 42]


def test_guests_that_wait_in_numbers_reserve_more_than_the_process_may_write() -> None:
    attack = "guests = [instance() for _ in range(200)]; result = sum(guest('call') == 42 for guest in guests)"
    assert run_jailed(attack, before=LOADED, imports=["wasmtime"], memory_bytes=384 << 20).result == 200
