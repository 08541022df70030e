"""What the states of a licence mean, for people."""

from rising_bsm.licensing.licence import Licence

_WHY = {
    "VALID": "the licence is valid",
    "EXPIRED": "the licence has expired",
    "SUSPENDED": "the licence is suspended by the marketplace",
    "BANNED": "the licence was revoked by the marketplace",
    "OVERDUE": "the marketplace was not reached to renew the licence",
    "HEARTBEAT_DEAD": "the licence was not renewed for too long",
    "NO_MACHINE": "the licence is not activated for this instance any more",
    "TOO_MANY_MACHINES": "the licence is in use on as many instances as it allows",
    "FINGERPRINT_SCOPE_MISMATCH": "the licence belongs to another instance",
    "NOT_FOUND": "the marketplace does not know the licence",
}


def why(code: str) -> str:
    """What a result code says, as a part of a sentence."""
    return _WHY.get(code, f"the marketplace does not renew the licence ({code})")


def sentence(state: str, code: str, licence: Licence, days_left: int | None) -> str:
    """What a state means for the plugin, in one or two sentences."""
    reason = why(code)
    match state:
        case "stopped":
            return f"{_capital(reason)}: {licence.plugin} does nothing any more; its data is kept."
        case "restricted":
            return f"{_capital(reason)}: {licence.plugin} may only read for {days(days_left)} more, then it stops."
        case "grace":
            return f"{_capital(reason)}: {licence.plugin} works for {days(days_left)} more without it."
    ends = "" if days_left is None else f" for {days(days_left)}"
    return f"The licence is valid{ends}." + (" It is due to be renewed." if state == "renew_due" else "")


def days(count: int | None) -> str:
    """A number of days as one says it."""
    return f"{count:,} day{'' if count == 1 else 's'}" if count is not None else "some time"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
