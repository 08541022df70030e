"""What a scan has found, in the order in which a reviewer reads it."""

from collections.abc import Mapping, Sequence

Finding = Mapping[str, str]
_BAIT = "bait"


class Findings:
    """The findings of a submission: what is wrong first; those of the bait run stand apart."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        of_bait = [one for one in findings if one["code"].partition(".")[0] == _BAIT]
        others = [one for one in findings if one not in of_bait]
        self.errors = _of(others, "error")
        self.warnings = _of(others, "warning")
        self.fine = _of(others, "ok")
        self.bait = [*_of(of_bait, "error"), *_of(of_bait, "warning"), *_of(of_bait, "ok")]

    @property
    def problems(self) -> list[Finding]:
        """What somebody should look at, the bait run's included."""
        return [*self.errors, *self.warnings, *(one for one in self.bait if one["severity"] != "ok")]


def _of(findings: Sequence[Finding], severity: str) -> list[Finding]:
    return [one for one in findings if one["severity"] == severity]
