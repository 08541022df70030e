"""What came in a form, as the services of the business take it."""

from collections.abc import Iterable
from typing import Any

from rising_bsm.web.requests import StrictRequest


class Form:
    """The fields of a submitted form; text is as it was typed, so that it can be shown again."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields

    @classmethod
    async def of(cls, request: StrictRequest) -> "Form":
        """The form that a request carries, empty when it carries something else; files are left out."""
        found: dict[str, list[str]] = {}
        for name, value in (await request.form()).multi_items():
            if isinstance(value, str):
                found.setdefault(name, []).append(value)
        return cls(found)

    def text(self, name: str) -> str:
        """What was typed, nothing when there is no such field."""
        return self._fields.get(name, [""])[-1]

    def texts(self, names: Iterable[str]) -> dict[str, str]:
        """What was typed into each of these fields that came."""
        return {name: self.text(name) for name in names if name in self._fields}

    def number(self, name: str) -> int | None:
        """The whole number that was typed, such as a version; None for anything else."""
        text = self.text(name)
        return int(text) if text.isdecimal() and len(text) < 16 else None

    def flag(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.text(name) in ("on", "true", "1")

    def many(self, name: str) -> list[str]:
        """All that was chosen under one name."""
        return self._fields.get(name, [])

    def words(self, name: str) -> list[str]:
        """What was typed with commas between."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def as_dict(self) -> dict[str, Any]:
        """Every field with what was typed last."""
        return {name: values[-1] for name, values in self._fields.items()}


def filters_of(request: StrictRequest, names: Iterable[str]) -> dict[str, str]:
    """What an address asks for under these names; a filter that was left empty is none."""
    return {name: value for name in names if (value := request.query_params.get(name, "").strip())}
