"""What the jail promises beyond refusing: what stays usable, what is reported, and that nobody outlives his keeper."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.sandbox.jail import ALL_LAYERS, JailError, Layer, LayerReport, Strength, check, require
from support.jail import ROOTS, SECONDS, USERS, run_jailed
from support.jail_attacks import FILES, PROCESSES, PROGRAMS, SOCKETS
from support.jail_machine import has_landlock, has_namespaces, need
from support.jail_world import make_world

AS_ROOT = os.getuid() == 0
# Never ends of itself as far as a test is concerned, and yet does not stay for ever when the test fails.
SPIN = "end = time.monotonic() + 180\nwhile time.monotonic() < end: pass"


def expected_layers(user: int | None) -> set[Layer]:
    missing = {Layer.NAMESPACES: not has_namespaces(user), Layer.LANDLOCK: not has_landlock()}
    return {layer for layer in Layer if not missing.get(layer)}


@pytest.mark.parametrize("user", USERS)
def test_all_layers_are_on_and_say_how(user: int | None) -> None:
    outcome = run_jailed("result = 6 * 7", user=user)
    assert outcome.result == 42
    assert outcome.on == expected_layers(user)
    assert list(outcome.reports) == list(Layer)
    assert all(report.detail for report in outcome.reports.values())


def test_check_tries_the_jail_on_this_machine() -> None:
    reports = check()
    assert [report.layer for report in reports] == list(Layer)
    assert {report.layer for report in reports if report.on} == expected_layers(None)


@pytest.mark.parametrize("user", USERS)
def test_a_locked_process_computes_waits_sleeps_and_talks(user: int | None) -> None:
    code = (
        "p = select.poll(); p.register(channel, select.POLLIN); assert not p.poll(1)\n"
        "time.sleep(0.001); assert time.monotonic() and time.time() and os.urandom(8)\n"
        "channel.sendall(b'\\n' * 300000); print('goes nowhere')\n"
        "big = [bytearray(8 << 20) for _ in range(8)]; big[0] += bytes(64 << 20)\n"
        "result = os.read(kept, 6).decode()"
    )
    before = "kept = os.open('/proc/self/status', os.O_RDONLY); keep.add(kept)"
    assert run_jailed(code, before=before, user=user).result == "Name:\t"


@pytest.mark.parametrize(
    ("before", "what"),
    [
        ("keep.add(os.open(arg['folder'] + '/secret.txt', os.O_RDWR))", "open for writing"),
        ("keep.add(os.open(arg['folder'] + '/secret.txt', os.O_WRONLY | os.O_APPEND))", "open for writing"),
        ("keep.add(os.memfd_create('x'))", "open for writing"),
        ("keep.add(os.open(arg['folder'], os.O_RDONLY))", "a folder"),
        ("keep.add(os.open('/', os.O_PATH))", "a folder"),
        ("keep.add(999)", "not open"),
    ],
)
def test_a_descriptor_that_reaches_further_is_refused(before: str, what: str) -> None:
    with make_world(None) as world:
        outcome = run_jailed("result = 1", before=before, arguments=world)
    assert outcome.code == "sandbox.jail_descriptor"
    assert what in (outcome.broken or "")
    assert not outcome.answered


def test_memory_that_is_sealed_may_be_kept() -> None:
    before = (
        "kept = os.memfd_create('x', os.MFD_ALLOW_SEALING); os.pwrite(kept, b'image', 0); keep.add(kept)\n"
        "fcntl.fcntl(kept, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)"
    )
    assert run_jailed("result = os.read(kept, 5).decode()", before=before).result == "image"


def test_a_process_of_several_threads_is_refused() -> None:
    before = "t = threading.Thread(target=channel.recv, args=(1,), daemon=True); t.start()"
    outcome = run_jailed("result = 1", before=before)
    assert outcome.code == "sandbox.jail_threads"
    assert not outcome.answered


def test_a_callback_made_before_goes_on_working() -> None:
    before = (
        "import weakref; lost = weakref.proxy(type('Gone', (), {})())\n"
        "numbers = (ctypes.c_int * 5)(3, 1, 5, 2, 4); sort = ctypes.CDLL(None).qsort\n"
        "@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))\n"
        "def compare(a, b): return a[0] - b[0]\n"
    )
    outcome = run_jailed("sort(numbers, 5, 4, compare); del compare; result = list(numbers)", before=before)
    assert outcome.result == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("user", USERS)
def test_the_exit_status_is_passed_on(user: int | None) -> None:
    assert run_jailed("os._exit(7)", user=user).status == 7


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killing_the_process_that_was_started_ends_the_worker(user: int | None, number: signal.Signals) -> None:
    need(Layer.NAMESPACES, user)

    def kill(channel: socket.socket, pid: int) -> None:
        os.kill(pid, number)

    outcome = run_jailed(SPIN, user=user, meanwhile=kill)
    assert outcome.signal == number
    assert not outcome.answered


def test_a_worker_does_not_outlive_the_parent_of_the_process_that_was_started() -> None:
    need(Layer.NAMESPACES, None)
    ours, its = socket.socketpair()
    ours.settimeout(SECONDS)
    its.set_inheritable(True)
    program = (
        f"import sys; sys.path[:0] = {ROOTS!r}; from support.jail import start\n"
        "with start('main', sys.argv[1]) as p: p.wait()"
    )
    parent = subprocess.Popen([sys.executable, "-I", "-c", program, str(its.fileno())], close_fds=False)
    its.close()
    order: dict[str, Any] = {
        "attack": "channel.sendall(b'*')\n" + SPIN,
        "before": "",
        "layers": list(ALL_LAYERS),
    }
    order |= {"user": None, "memory_bytes": None, "arguments": {}, "imports": [], "without": None}
    with ours:
        ours.sendall(json.dumps(order).encode() + b"\n")
        while not ours.recv(65536).endswith(b"*"):
            pass
        parent.kill()
        parent.wait(SECONDS)
        assert ours.recv(1) == b""  # the last one who held the other end is gone


def test_a_worker_whose_keeper_is_gone_before_it_is_tied_ends() -> None:
    before = "r, w = os.pipe(); os.close(w); sys.modules['rising_bsm.sandbox.jail.namespaces'].tie(r)"
    outcome = run_jailed("result = 1", before="import sys\n" + before, layers=())
    assert outcome.status == 1
    assert not outcome.reports


def test_a_descriptor_sent_later_cannot_be_received() -> None:
    attack = "result = socket.recv_fds(channel, 1, 1)[1] and 'received'"

    def send(channel: socket.socket, pid: int) -> None:
        with suppress(BrokenPipeError):  # in the jail it may have died already
            socket.send_fds(channel, [b"x"], [0])

    assert run_jailed(attack, layers=(), meanwhile=send).result == "received"
    assert run_jailed(attack, meanwhile=send).signal == signal.SIGSYS


@pytest.mark.parametrize("user", USERS)
def test_memory_ends_in_an_error_that_can_be_told(user: int | None) -> None:
    attack = "try: bytearray(256 << 20)\nexcept MemoryError: result = 'no more'\nelse: result = 'all of it'"
    assert run_jailed(attack, user=user).result == "all of it"
    assert run_jailed(attack, user=user, memory_bytes=96 << 20).result == "no more"


def test_the_environment_is_gone_in_the_whole_jail() -> None:
    attack = "result = [dict(os.environ), bool(ctypes.CDLL(None).getenv(b'SECRET'))]"
    assert run_jailed(attack, env={"SECRET": "x"}, layers=()).result[0]["SECRET"] == "x"
    assert run_jailed(attack, env={"SECRET": "x"}).result == [{}, False]


PASS_WITHOUT_SECCOMP = {"memory file", "copy of a descriptor", "watch files"}
SECOND_LINE = [
    attack
    for attack in FILES + PROGRAMS + PROCESSES + SOCKETS
    if attack.control
    and attack.name not in PASS_WITHOUT_SECCOMP
    and (attack not in SOCKETS or attack.name.startswith(("connect", "send udp", "listen")))
]


@pytest.mark.parametrize("user", USERS)
def test_the_other_layers_hold_when_the_allow_list_does_not(user: int | None) -> None:
    need(Layer.NAMESPACES, user)
    succeeded = []
    with make_world(user) as world:
        for attack in SECOND_LINE:
            layers = ALL_LAYERS - {Layer.SECCOMP}
            outcome = run_jailed(attack.code, before=attack.before, user=user, arguments=world, layers=layers)
            succeeded += [] if outcome.refused else [attack.name]
    assert not succeeded


@pytest.mark.skipif(not AS_ROOT, reason="needs root to become somebody else, and capabilities to lose")
def test_root_that_cannot_give_itself_up_is_reported() -> None:
    powerless = "call('capset', (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())"
    outcome = run_jailed("result = os.getuid()", before=powerless, layers={Layer.IDENTITY})
    assert outcome.result == 0
    assert not outcome.on
    assert "not permitted" in outcome.reports[Layer.IDENTITY].detail


@pytest.mark.parametrize("user", USERS[-1:])
def test_capabilities_of_an_own_namespace_are_given_up(user: int | None) -> None:
    need(Layer.NAMESPACES, user)
    attack = "call('mount', b'tmpfs', b'/', b'tmpfs', 0, None)"
    assert run_jailed(attack, user=user, layers={Layer.NAMESPACES}).answered
    assert run_jailed(attack, user=user, layers={Layer.NAMESPACES, Layer.IDENTITY}).refused


def test_another_system_reports_every_layer_off() -> None:
    program = (
        f"import json, sys; sys.path[:0] = {ROOTS!r}; sys.platform = 'darwin'\n"
        "from rising_bsm.sandbox.jail import Jail, check\n"
        "jail = Jail(); jail.enter()\n"
        "print(json.dumps([[r.layer, r.on, r.detail] for r in [*jail.lock({1}), *check()]]))"
    )
    reports = json.loads(subprocess.check_output([sys.executable, "-I", "-c", program]))
    assert [layer for layer, _, _ in reports] == [*Layer, *Layer]
    assert not any(on for _, on, _ in reports)
    assert {detail for _, _, detail in reports} == {"needs Linux, and this is darwin"}


@given(st.sets(st.sampled_from(Layer)), st.sampled_from(Strength))
def test_require_names_exactly_what_is_missing(on: set[Layer], minimum: Strength) -> None:
    reports = [LayerReport(layer, layer in on, f"about {layer}") for layer in Layer]
    if not minimum.layers - on:
        return require(reports, minimum)
    with pytest.raises(JailError) as caught:
        require(reports, minimum)
    assert caught.value.code == "sandbox.jail_too_weak"
    assert set((caught.value.place or "").split(", ")) == minimum.layers - on
    assert all(f"about {layer}" in caught.value.message for layer in minimum.layers - on)
    return None


def test_a_layer_that_nobody_reported_is_missing() -> None:
    with pytest.raises(JailError, match="seccomp"):
        require([], Strength.STRONG)


def test_strengths_contain_each_other() -> None:
    assert Strength.NONE.layers < Strength.STRONG.layers < Strength.FULL.layers == ALL_LAYERS
    assert Layer.SECCOMP in Strength.STRONG.layers
