"""Native code that is in the process before the lock: it stays as it is, and nothing becomes code that was not."""

import os
import signal

import pytest

from rising_bsm.sandbox.jail import ALL_LAYERS, Layer
from support.jail import run_jailed

ALONE = {Layer.EXECUTABLE_MEMORY, Layer.NO_NEW_PRIVS}
NONE = {Layer.NO_NEW_PRIVS}

# One page, mapped for writing as `m` and as code as `page`: what libffi does where one mapping may not be both.
TWICE = """
libc = ctypes.CDLL(None); libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
fd = os.memfd_create('x'); os.write(fd, b'first'.ljust(4096))
m = mmap.mmap(fd, 4096)
page = libc.mmap(None, 4096, 5, {flags}, fd, 0)
os.close(fd)
"""
RETURN = {"x86_64": "c3909090", "aarch64": "c0035fd6"}
READ = "result = ctypes.string_at(page, 5).decode()"


def test_code_that_is_mapped_twice_cannot_be_changed_by_the_other_mapping() -> None:
    attack = "m[:5] = b'other'\n" + READ
    before = TWICE.format(flags="1")
    assert run_jailed(attack, before=before, layers=NONE).result == "other"
    assert run_jailed(attack, before=before, layers=ALONE).result == "first"


def test_code_cannot_be_mapped_a_second_time() -> None:
    attack = (
        "libc.mremap.restype = ctypes.c_void_p\n"
        "second = libc.mremap(ctypes.c_void_p(page), ctypes.c_size_t(0), ctypes.c_size_t(4096), 1)\n"
        "call('mprotect', second, 4096, 3)\nctypes.memmove(second, b'other', 5)\n" + READ
    )
    before = TWICE.format(flags="1")
    assert run_jailed(attack, before=before, layers=NONE).result == "other"
    assert run_jailed(attack, before=before, layers=ALONE).refused
    assert run_jailed(attack, before=before).refused


def test_a_file_of_code_that_is_mapped_for_writing_is_reported() -> None:
    outcome = run_jailed(READ, before=TWICE.format(flags="2"), layers=ALONE)
    assert outcome.on == NONE
    assert "mapped for writing" in outcome.reports[Layer.EXECUTABLE_MEMORY].detail


@pytest.mark.parametrize("layers", [ALONE, ALL_LAYERS])
def test_data_cannot_become_code_by_being_moved(layers: set[Layer]) -> None:
    before = "m = mmap.mmap(-1, 4096, 0x22)\npage = ctypes.addressof(ctypes.c_char.from_buffer(m))"
    attack = "call('mremap', page, 4096, 8192, 1)\ncall('mprotect', page, 4096, 5)"
    assert run_jailed(attack, before=before, layers=layers).signal == signal.SIGSYS


@pytest.mark.skipif(os.uname().machine not in RETURN, reason="no machine code is written for this architecture")
def test_memory_that_can_be_read_cannot_be_executed_though_the_process_was_started_so() -> None:
    before = "call('personality', 0x0400000)"
    attack = (
        "m = mmap.mmap(-1, 4096, 0x22)\npage = ctypes.addressof(ctypes.c_char.from_buffer(m))\n"
        "ctypes.memmove(page, bytes.fromhex(arg['code']), 4)\nctypes.CFUNCTYPE(None)(page)()"
    )
    code = {"code": RETURN[os.uname().machine]}
    assert run_jailed(attack, before=before, arguments=code, layers=NONE).answered
    assert run_jailed(attack, before=before, arguments=code, layers=ALONE).signal == signal.SIGSEGV
