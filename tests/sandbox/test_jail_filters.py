"""The system call filters: what they decide for any call, and that the kernel decides the same."""

import os
import re
import signal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rising_bsm.sandbox.jail import bpf, seccomp
from rising_bsm.sandbox.jail.machines import MACHINES, Machine
from support.bpf_machine import run_filter
from support.jail import run_jailed

PID = 4711
EXEC, SHARED, GROWSDOWN = 4, 1, 0x100
PRIVATE, REALTIME, LOCKS = 0x80, 0x100, {0, 1, 3, 9, 10}
ARGUMENT = st.integers(0, 2**64 - 1) | st.integers(0, 0x1FF) | st.just(PID)
ARGUMENTS = st.lists(ARGUMENT, min_size=6, max_size=6)
HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
NEVER = {"shmat", "personality", "pkey_mprotect"}


def allowed(name: str, arguments: list[int]) -> bool:
    """What the allow-list is meant to be, said another way."""
    match name:
        case "mmap":
            return not arguments[2] & EXEC and not arguments[3] & (SHARED | GROWSDOWN)
        case "mprotect":
            return not arguments[2] & EXEC
        case "tgkill":
            return arguments[0] & 0xFFFFFFFF == PID
        case "futex":
            return arguments[1] & 0xFFFFFFFF & ~(PRIVATE | REALTIME) in LOCKS
    return name not in NEVER


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> Machine:
    return MACHINES[request.param]


@pytest.mark.parametrize("name", MACHINES)
@given(data=st.data(), arguments=ARGUMENTS)
def test_the_allow_list_allows_what_it_says_and_kills_the_rest(
    name: str, data: st.DataObject, arguments: list[int]
) -> None:
    machine = MACHINES[name]
    names = {number: name for name, number in machine.numbers.items()}
    number = data.draw(st.sampled_from(list(names)) | st.integers(0, 2**32 - 1))
    program = bpf.assemble(seccomp.allow_list(machine, PID))
    expected = number in names and allowed(names[number], arguments)
    action = run_filter(program, machine.architecture, number, arguments)
    assert action == (bpf.ALLOW if expected else bpf.KILL_PROCESS)


@pytest.mark.parametrize("name", MACHINES)
@given(limited=st.sampled_from(["mmap", "mprotect", "tgkill", "futex"]), data=st.data())
def test_arguments_decide_where_they_should(name: str, limited: str, data: st.DataObject) -> None:
    machine = MACHINES[name]
    arguments = data.draw(st.lists(st.integers(0, 15) | st.integers(0, 0x1FF) | st.just(PID), min_size=6, max_size=6))
    program = bpf.assemble(seccomp.allow_list(machine, PID))
    action = run_filter(program, machine.architecture, machine.numbers[limited], arguments)
    assert action == (bpf.ALLOW if allowed(limited, arguments) else bpf.KILL_PROCESS)


@pytest.mark.parametrize("name", MACHINES)
@given(number=st.integers(0, 2**32 - 1), architecture=st.integers(0, 2**32 - 1), arguments=ARGUMENTS)
@example(number=3, architecture=0x40000003, arguments=[0] * 6)  # 32-bit x86
@example(number=0x40000000, architecture=0xC000003E, arguments=[0] * 6)  # x32
def test_neither_filter_lets_another_interface_pass(
    name: str, number: int, architecture: int, arguments: list[int]
) -> None:
    machine = MACHINES[name]
    for program in (seccomp.allow_list(machine, PID), seccomp.no_new_code(machine)):
        action = run_filter(bpf.assemble(program), architecture, number, arguments)
        if architecture != machine.architecture or number >= 0x40000000:
            assert action == bpf.KILL_PROCESS


def test_no_new_code_refuses_executable_memory_and_nothing_else(machine: Machine) -> None:
    program = bpf.assemble(seccomp.no_new_code(machine))

    def action(name: str, *arguments: int) -> int:
        return run_filter(program, machine.architecture, machine.numbers[name], arguments)

    for name in ("mmap", "mprotect", "pkey_mprotect"):
        assert action(name, 0, 4096, EXEC | 1) == bpf.KILL_PROCESS
        assert action(name, 0, 4096, 3) == bpf.ALLOW
    assert action("shmat", 0, 0, 0x8000) == bpf.KILL_PROCESS
    assert action("shmat", 0, 0, 0) == bpf.ALLOW
    assert action("personality", 0) == bpf.KILL_PROCESS
    assert action("getpid") == bpf.ALLOW


@pytest.mark.parametrize("name", MACHINES)
def test_the_numbers_are_those_of_the_kernel_headers(name: str) -> None:
    header = Path(HEADERS[name])
    if not header.exists():
        pytest.skip("the kernel headers are not installed")
    found = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text(), re.MULTILINE)
    numbers = {call_name: int(number) for call_name, number in found}
    assert MACHINES[name].numbers == {call_name: numbers[call_name] for call_name in MACHINES[name].numbers}


# Each number in a process of its own, that has the allow-list and no other layer; leaves what ended each.
SWEEP = """
import sys
jail = sys.modules["rising_bsm.sandbox.jail.seccomp"]
result = {}
for number in arg["numbers"]:
    pid = os.fork()
    if pid == 0:
        try:
            call("prctl", 38, 1, 0, 0, 0)
            jail.allow_calls()
            call("syscall", number, -1, -1, -1, -1, -1, -1)
        finally:
            os._exit(0)
    result[number] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""
# The kernel's own probes make these two, past every filter; for anybody else they do nothing.
PROBES = {"335", "336"} if os.uname().machine == "x86_64" else set()


@pytest.mark.skipif(os.uname().machine not in MACHINES, reason="no filter is written for this architecture")
def test_the_kernel_kills_for_every_call_that_is_not_on_the_list() -> None:
    listed = {number for name, number in MACHINES[os.uname().machine].numbers.items() if name not in NEVER}
    numbers = [number for number in range(600) if number not in listed]
    ends = run_jailed(SWEEP, layers=(), arguments={"numbers": numbers}, imports=["rising_bsm.sandbox.jail.seccomp"])
    assert len(ends.result) == len(numbers)
    assert {number for number, end in ends.result.items() if end != -signal.SIGSYS} <= PROBES
