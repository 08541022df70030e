"""Why the index is not written."""

from rising_bsm.errors import Conflict, Failed, NotFound


class VersionReListed(Conflict):
    """A version is in the index already, with other bytes; `place` is the version."""

    code = "index.re_listed"


class NoSuchFile(NotFound):
    """The index has no such file; for the next root, that is how a client knows that it has the newest."""

    code = "index.no_such_file"


class NoSuchRole(NotFound):
    """The index has no such role."""

    code = "index.no_such_role"


class RootAway(Conflict):
    """Fewer root keys are in this instance than must sign."""

    code = "index.root_away"


class KeysUnreadable(Failed):
    """The private keys of the index were sealed with another secret of the instance."""

    code = "index.keys_unreadable"


class NotARootKey(NotFound):
    """A key is none of the index's root keys; `place` is its id."""

    code = "index.not_a_root_key"
