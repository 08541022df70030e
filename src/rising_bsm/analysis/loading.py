"""Loading: the main class is found, and the plugin is ready before anybody has to wait."""

from collections.abc import Iterator

from rising_bsm.analysis.finding import Finding

SLOW_SECONDS = 0.5


def check(seconds: float) -> Iterator[Finding]:
    """Loading took `seconds`; each worker does it once for every instance that it keeps ready."""
    message = f"It loads in {seconds * 1000:.0f} ms."
    if seconds > SLOW_SECONDS:
        fix = "Do less while the modules are imported: import rarely used modules where they are used."
        yield Finding("warning", "loading.slow", message, None, fix)
    else:
        yield Finding("ok", "loading", message)
