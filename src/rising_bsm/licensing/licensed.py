"""A licence together with how it stands, as plugins, administrators and programs are shown it."""

from dataclasses import dataclass
from typing import Any

from rising_bsm.licensing.licence import Licence
from rising_bsm.licensing.moments import as_text
from rising_bsm.licensing.states import Standing


@dataclass(frozen=True)
class Licensed:
    """The licence of a plugin, and how it stands."""

    licence: Licence
    standing: Standing

    def for_plugin(self) -> dict[str, Any]:
        """What the plugin may know, as JSON; not who holds the licence, nor for how many."""
        licence, standing = self.licence, self.standing
        return {
            "state": standing.state.value,
            "type": licence.type.value,
            "entitlements": list(licence.entitlements),
            "limits": dict(licence.limits),
            "expires_at": licence.expires_at and as_text(licence.expires_at),
            "days_left": standing.days_left,
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON, for administrators."""
        licence, standing = self.licence, self.standing
        return {
            "plugin": licence.plugin,
            "license": str(licence.id),
            **self.for_plugin(),
            "code": standing.code,
            "until": standing.until and as_text(standing.until),
            "sentence": standing.sentence,
            "warnings": list(standing.warnings),
            "holder": licence.holder,
            "max_installs": licence.max_installs,
            "valid_until": as_text(licence.valid_until),
        }
