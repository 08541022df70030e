"""What is wrong with a licence; `result` is the name that keygen has for it, as heartbeats and standings use it.

NotFound
└── LicenceNotFound       none with this key, for this plugin, of this caller     NOT_FOUND
Conflict
└── LicenceRefused
    ├── LicenceSuspended     by its seller, for now                               SUSPENDED
    ├── LicenceRevoked       by its seller, for good                              BANNED
    ├── LicenceExpired       what was paid for is over                            EXPIRED
    ├── NoMachine            the instance has no seat                             NO_MACHINE
    ├── TooManyMachines      all seats are taken                                  TOO_MANY_MACHINES
    ├── TooManyMoves         its seats have moved too often in a year             TOO_MANY_MACHINES
    ├── TrialUsed            this instance has had its trial                      EXPIRED
    └── NoTrial              the plugin is not offered for trial                  NOT_FOUND
"""

from typing import ClassVar

from rising_bsm.db import iso
from rising_bsm.errors import Conflict, NotFound
from rising_bsm.marketplace.licences.tables import SoldLicence


class LicenceNotFound(NotFound):
    """None that the caller may know of; in the same words for keys that are wrong, unknown, or of another plugin."""

    code = "license.not_found"
    result: ClassVar[str] = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(
            "There is no such licence.",
            place="license",
            next_step="Look at the key and at the plugin it was sold for; whoever sold it can tell you both.",
        )


class LicenceRefused(Conflict):
    """The licence is there and does not do."""

    result: ClassVar[str]


class LicenceSuspended(LicenceRefused):
    """Its seller has suspended it."""

    code = "license.suspended"
    result = "SUSPENDED"

    def __init__(self, licence: SoldLicence) -> None:
        message = f"The licence is suspended: {licence.reason}"
        super().__init__(message, place="license", next_step="Ask whoever sold it; it can be resumed.")


class LicenceRevoked(LicenceRefused):
    """Its seller has revoked it."""

    code = "license.revoked"
    result = "BANNED"

    def __init__(self, licence: SoldLicence) -> None:
        message = f"The licence is revoked: {licence.reason}"
        super().__init__(message, place="license", next_step="Ask whoever sold it for another one.")


class LicenceExpired(LicenceRefused):
    """What was paid for is over."""

    code = "license.expired"
    result = "EXPIRED"

    def __init__(self, licence: SoldLicence) -> None:
        ended = iso(licence.expires_at) if licence.expires_at else "now"
        message = f"The licence has ended: {ended}."
        super().__init__(message, place="expires_at", next_step="Ask whoever sold it to renew it.")


class NoMachine(LicenceRefused):
    """The instance has no seat of the licence."""

    code = "license.no_machine"
    result = "NO_MACHINE"

    def __init__(self) -> None:
        message = "The licence is not active on this instance: it was released, or another instance has its seat."
        super().__init__(message, place="instance", next_step="Activate it here with its key.")


class TooManyMachines(LicenceRefused):
    """All seats are taken by instances that are alive."""

    code = "license.too_many_machines"
    result = "TOO_MANY_MACHINES"

    def __init__(self, licence: SoldLicence) -> None:
        many = licence.max_installs
        seats = "its one seat is" if many == 1 else f"all of its {many} seats are"
        step = "Release it on one of them, or wait: the seat of an instance that is silent for 72 hours is free."
        super().__init__(f"The licence is in use: {seats} taken.", place="max_installs", next_step=step)


class TooManyMoves(LicenceRefused):
    """The seats of the licence have gone from instance to instance too often."""

    code = "license.too_many_moves"
    result = "TOO_MANY_MACHINES"

    def __init__(self, most: int) -> None:
        message = f"The licence has moved to another instance {most} times within a year, which is as often as it may."
        super().__init__(message, place="instance", next_step="Use it where it was last, or ask whoever sold it.")


class TrialUsed(LicenceRefused):
    """There is one trial for each plugin and instance, and this one is over."""

    code = "license.trial_used"
    result = "EXPIRED"

    def __init__(self, licence: SoldLicence) -> None:
        ended = iso(licence.expires_at) if licence.expires_at else "now"
        message = f"This instance has tried the plugin already; its trial has ended: {ended}."
        super().__init__(message, place="plugin", next_step="Buy a licence to go on with what is there.")


class NoTrial(LicenceRefused):
    """The plugin is not offered for trial."""

    code = "license.no_trial"
    result = "NOT_FOUND"

    def __init__(self, plugin_id: str) -> None:
        message = f"There is no trial of {plugin_id}."
        super().__init__(message, place="plugin", next_step="A free plugin needs none; another one needs a licence.")
