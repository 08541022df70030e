"""What can become of a call: how the plugin failed, or how its worker did."""

from rising_bsm.errors import Busy, Error, Failed, InvalidInput


class SandboxError(Failed):
    """The plugin's call came to no result."""

    code = "plugin.failed"


class PluginRaised(SandboxError):
    """The plugin raised; `place` is the author's file and line."""

    code = "plugin.raised"


class RecursionTooDeep(SandboxError):
    """The plugin called itself for ever."""

    code = "plugin.recursion"


class OutOfMemory(SandboxError):
    """The plugin asked for more memory than it has."""

    code = "plugin.out_of_memory"


class OutOfFuel(SandboxError):
    """The plugin computed more than its budget."""

    code = "plugin.out_of_fuel"


class DeadlineExceeded(SandboxError):
    """The plugin took longer than its wall time, computing, waiting or sleeping."""

    code = "plugin.deadline"


class LogLimitExceeded(SandboxError):
    """The plugin wrote more log than one call may."""

    code = "plugin.log_limit"


class HostCallLimitExceeded(SandboxError):
    """The plugin asked the host more often than one call may."""

    code = "plugin.host_call_limit"


class BadResult(SandboxError):
    """The plugin returned what is not JSON, or too much of it."""

    code = "plugin.bad_result"


class Crashed(SandboxError):
    """The interpreter inside the sandbox stopped."""

    code = "plugin.crashed"


class WorkerLost(SandboxError):
    """The worker process ended or broke the protocol while the call ran."""

    code = "sandbox.worker_lost"


class PoolBusy(Busy):
    """Every worker is taken and the queue is full."""

    code = "sandbox.busy"


class PluginRefused(InvalidInput):
    """The plugin refused what it was asked, with a sentence of its own."""

    code = "plugin.refused"


class GuestError(Error):
    """The guest is missing or cannot be compiled here."""

    code = "sandbox.guest"


BY_CODE: dict[str, type[SandboxError]] = {
    error.code: error
    for error in (
        PluginRaised,
        RecursionTooDeep,
        OutOfMemory,
        OutOfFuel,
        DeadlineExceeded,
        LogLimitExceeded,
        HostCallLimitExceeded,
        BadResult,
        Crashed,
    )
}
