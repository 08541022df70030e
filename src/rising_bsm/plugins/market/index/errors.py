"""Why an index is not believed."""

from rising_bsm.errors import Busy, Failed


class IndexRefused(Failed):
    """What the marketplace serves as its index is not believed; `place` is the file or the target."""


class IndexUnreachable(Busy):
    """The marketplace's index cannot be read now, and what is known of it is too old."""

    code = "index.unreachable"


class IndexMissing(IndexRefused):
    """The marketplace has no such file, though there must be one."""

    code = "index.missing"


class TooLong(IndexRefused):
    """A file is longer than it may be; no more of it was read."""

    code = "index.too_long"


class TooSlow(IndexRefused):
    """A file does not arrive in time."""

    code = "index.too_slow"


class Unreadable(IndexRefused):
    """A file is not metadata of the kind that it must be."""

    code = "index.unreadable"


class BadSignature(IndexRefused):
    """A file is not signed by enough of the keys that may sign it."""

    code = "index.bad_signature"


class WrongRoot(IndexRefused):
    """The first root is not the one that was pinned, or that was met at first."""

    code = "index.wrong_root"


class RootOutOfOrder(IndexRefused):
    """A new root is not the next one."""

    code = "index.root_order"


class BadRoot(IndexRefused):
    """A new root is not signed by enough keys of the one before it, or of its own."""

    code = "index.bad_root"


class RolledBack(IndexRefused):
    """Something is older than what was seen before, or is gone that was there."""

    code = "index.rolled_back"


class Expired(IndexRefused):
    """Somebody shows an index that is over."""

    code = "index.expired"


class ClockSetBack(IndexRefused):
    """The clock here was set back, so that nobody can tell what is over."""

    code = "index.clock_set_back"


class Mixed(IndexRefused):
    """Files of different states of the index are shown as one."""

    code = "index.mixed"


class ReListed(IndexRefused):
    """A version is listed with other bytes than before."""

    code = "index.re_listed"


class WrongLength(IndexRefused):
    """What was downloaded is shorter or longer than what is listed."""

    code = "index.wrong_length"


class WrongBytes(IndexRefused):
    """What was downloaded is not what is listed."""

    code = "index.wrong_bytes"


class StateUnusable(Failed):
    """The folder in which it is remembered what was seen cannot be used; `place` is the folder."""

    code = "index.state_unusable"
