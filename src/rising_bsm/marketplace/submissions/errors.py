"""What is wrong with a submission, or with who asks.

NotFound
├── NoSubmission     none that the caller may see
├── BundleGone       its bundle was not kept any longer
└── NoPublisher      no publisher of the caller's
Conflict
├── WrongState       a submission is not where this can be done
├── KeyRevoked       the key that has signed it counts no more
├── OpenAlready      this version is being looked at
├── KnownVersion     the version is there already, and versions are never replaced
└── OldVersion       a higher one is there already
PermissionDenied
├── OwnSubmission    nobody decides about their own
└── NotTheirs        only the operator, or only the owner
"""

from rising_bsm.errors import Conflict, NotFound, PermissionDenied


class NoSubmission(NotFound):
    """None with this id that the caller may see."""

    code = "submissions.not_found"

    def __init__(self, place: str) -> None:
        super().__init__("There is no such submission.", place=place, next_step="See `rising-bsm submissions list`.")


class BundleGone(NotFound):
    """The submission has ended long ago, and its bundle is not kept any more; `place` is the submission."""

    code = "submissions.bundle_gone"


class WrongState(Conflict):
    """The submission is in another state than this takes; `place` is the state."""

    code = "submissions.wrong_state"


class KeyRevoked(Conflict):
    """The bundle is signed with a key that was revoked; `place` is the key's id."""

    code = "submissions.key_revoked"


class OpenAlready(Conflict):
    """This version of the plugin has been submitted and nothing is decided about it; `place` is the version."""

    code = "submissions.open_already"


class KnownVersion(Conflict):
    """A version is there already; `place` is the version."""

    code = "submissions.known_version"


class OldVersion(Conflict):
    """The version is not higher than all there are; `place` is the highest."""

    code = "submissions.old_version"


class OwnSubmission(PermissionDenied):
    """Nobody decides about what they have submitted themselves while there is somebody else who could."""

    code = "submissions.own"


class NotTheirs(PermissionDenied):
    """Somebody else must do this; `place` is who."""

    code = "submissions.not_yours"
