"""What is wrong with a licence when somebody does something with it.

NotFound
└── NotHeld         this instance holds no licence for the plugin     license.none
InvalidInput
└── Replayed        an older file came than the one that was asked for     license.replayed
Failed
└── StrangeAnswer   the marketplace's answer is none                  license.strange_answer
"""

from rising_bsm.errors import Failed, InvalidInput, NotFound


class NotHeld(NotFound):
    """This instance holds no licence for the plugin."""

    code = "license.none"

    def __init__(self, plugin_id: str) -> None:
        super().__init__(
            f"This instance holds no licence for {plugin_id}.",
            place=plugin_id,
            next_step=f"Activate one with `rising-bsm license activate {plugin_id} KEY`, or begin a trial.",
        )


class Replayed(InvalidInput):
    """The file answers another question than the one that was asked just now."""

    code = "license.replayed"

    def __init__(self, plugin_id: str) -> None:
        super().__init__(
            f"The licence for {plugin_id} that came answers an older question; it was not taken.",
            place="nonce",
            next_step="Try again. If it stays so, somebody between this instance and the marketplace answers for it.",
        )


class StrangeAnswer(Failed):
    """A marketplace has answered something else than the protocol says."""

    code = "license.strange_answer"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The marketplace's answer has no {what}.",
            place=what,
            next_step="See that RISING_BSM_MARKETPLACE_URL names a marketplace, and that both run a current version.",
        )
