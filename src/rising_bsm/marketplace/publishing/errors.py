"""What is wrong with a publisher, a key, or a change of a version.

NotFound
├── NoPublisher          none of this name
├── NoKey                none with this id
└── NoVersion            none of this number
Conflict
├── NameTaken            somebody has the name, or one that can be taken for it
├── KeyTaken             the key is registered
└── WrongStatus          a version cannot become this from where it is
InvalidInput
└── NoProof              who registers a key has not shown that it is theirs
PermissionDenied
└── NotTheOwner          somebody else must do this
"""

from rising_bsm.errors import Conflict, InvalidInput, NotFound, PermissionDenied


class NoPublisher(NotFound):
    """There is no publisher of this name."""

    code = "publishers.not_found"

    def __init__(self, name: str) -> None:
        super().__init__(
            "There is no such publisher here.",
            place=name[:80],
            next_step=f"Make one with `rising-bsm publishers create {name[:40]}`.",
        )


class NoKey(NotFound):
    """The publisher has no key with this id; `place` is the id."""

    code = "publishers.no_key"


class NoVersion(NotFound):
    """There is no such version of the plugin."""

    code = "versions.not_found"


class NameTaken(Conflict):
    """The name is somebody else's, or can be taken for it; `place` is that name."""

    code = "publishers.name_taken"


class KeyTaken(Conflict):
    """The key is registered already; one key is good for one publisher alone."""

    code = "publishers.key_taken"


class NoProof(InvalidInput):
    """The proof is not one that the owner of the key has made for this publisher."""

    code = "publishers.no_proof"


class NotTheOwner(PermissionDenied):
    """Only who owns the publisher, or only the operator; `place` is the publisher."""

    code = "publishers.not_yours"


class WrongStatus(Conflict):
    """A version cannot have this status now; `place` is the one it has."""

    code = "versions.wrong_status"
