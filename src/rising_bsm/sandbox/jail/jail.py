"""The jail as a whole: which layers are closed in which order."""

import os
import sys
from collections.abc import Callable, Collection, Iterable

from rising_bsm.sandbox.jail.layers import ALL_LAYERS, Layer, LayerReport, Unavailable

if sys.platform == "linux":
    from rising_bsm.sandbox.jail import landlock, namespaces, privileges, process, seccomp


class Jail:
    """Holds the calling process with the kernel's means, for good.

    `enter()` comes first in a fresh process; then it imports, opens and starts what it will need; then `lock()`.
    What a locked process can still do: compute, read and write the descriptors it kept, wait on them with
    `select.poll`, sleep, tell the time and end. It can import nothing, so a traceback, which reads source files, kills
    it; so does starting a thread, or a C callback (`CFUNCTYPE`) made after the lock. It has one thread. It ends best by
    `os._exit`.

    `layers` leaves out the others, to prove each alone: Landlock and the two filters need `no_new_privs` where
    the process is not root. `memory_bytes` bounds the writable memory of the process (see `process.set_limits`).
    Where there is no Linux, both methods do nothing, and every layer reports so.
    """

    def __init__(self, layers: Collection[Layer] = ALL_LAYERS, *, memory_bytes: int | None = None) -> None:
        self._layers = frozenset(layers)
        self._memory_bytes = memory_bytes
        self._parent_alive: int | None = None
        self._no_namespaces = "enter() was not called"

    def enter(self) -> None:
        """Move into own namespaces where the machine allows: the caller goes on in a child of the process it was.

        The first process stays, ends with the exit status or signal of the child, and its end is the child's end.
        Not allowed is not an error here: `lock` reports it.
        """
        if sys.platform != "linux" or Layer.NAMESPACES not in self._layers:
            return
        try:
            self._parent_alive = namespaces.enter()
        except (OSError, Unavailable) as error:
            self._no_namespaces = str(error)

    def lock(self, keep: Collection[int]) -> list[LayerReport]:
        """Close the jail and answer with one report per layer, in the order of `Layer`.

        `keep` are the descriptors left open: sockets, and files open for reading. Raises `JailError`, before it does
        anything, for another kind, and for a process of several threads, as the others would stay outside.
        """
        if sys.platform != "linux":
            return [LayerReport(layer, False, f"needs Linux, and this is {sys.platform}") for layer in Layer]
        process.require_one_thread()
        kept = frozenset(keep)
        for descriptor in kept:
            process.require_harmless(descriptor)
        reports = [self._close(layer, close) for layer, close in self._outer_layers(kept)]
        self._tie_for_good()
        return reports + [self._close(layer, close) for layer, close in self._inner_layers(kept)]

    def _outer_layers(self, keep: frozenset[int]) -> Iterable[tuple[Layer, Callable[[], str]]]:
        """Those that may need what the next ones take away.

        The filters need `no_new_privs`; the environment, the code mappings and the descriptors are found by way of
        /proc, which goes with the old root; the new root needs capabilities, which go with the identity.
        """
        yield Layer.ENVIRONMENT, process.clear_environment
        yield Layer.NO_NEW_PRIVS, privileges.refuse_new_privileges
        yield Layer.EXECUTABLE_MEMORY, seccomp.freeze_code
        yield Layer.DESCRIPTORS, lambda: self._close_descriptors(keep)
        yield Layer.NAMESPACES, self._leave_file_system
        yield Layer.IDENTITY, privileges.become_nobody

    def _inner_layers(self, keep: frozenset[int]) -> Iterable[tuple[Layer, Callable[[], str]]]:
        """Those that a change of identity would undo, or that would forbid one of the layers above."""
        yield Layer.DUMPABLE, privileges.hide_memory
        yield Layer.LANDLOCK, landlock.deny_all
        yield Layer.RLIMITS, lambda: process.set_limits(max(1, len(keep)), self._memory_bytes)
        yield Layer.SECCOMP, seccomp.allow_calls

    def _close(self, layer: Layer, close: Callable[[], str]) -> LayerReport:
        if layer not in self._layers:
            return LayerReport(layer, False, "left out by the caller")
        try:
            return LayerReport(layer, True, close())
        except (OSError, Unavailable) as error:
            return LayerReport(layer, False, str(error))

    def _close_descriptors(self, keep: frozenset[int]) -> str:
        process.close_all_but(keep if self._parent_alive is None else keep | {self._parent_alive})
        return f"only {', '.join(map(str, sorted(keep)))} open" if keep else "none open"

    def _leave_file_system(self) -> str:
        if self._parent_alive is None:
            raise Unavailable(self._no_namespaces)
        return namespaces.empty_root()

    def _tie_for_good(self) -> None:
        if self._parent_alive is not None:
            namespaces.tie(self._parent_alive)
            os.close(self._parent_alive)
            self._parent_alive = None
