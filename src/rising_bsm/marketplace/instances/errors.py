"""What an instance is refused with, whatever it asks."""

from rising_bsm.errors import Busy, Conflict


class Replayed(Conflict):
    """The request is not newer than the last one of this instance: a copy, or one that was overtaken."""

    code = "instance.replayed"


class TooManyAttempts(Busy):
    """Too many failures in too short a time; welcome again after `retry_after` seconds."""

    code = "instance.too_many_attempts"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, place="instance", next_step=f"Try again in {retry_after} seconds.")
        self.retry_after = retry_after
