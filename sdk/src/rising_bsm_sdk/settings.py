"""What the administrator has set for this plugin."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any


class Settings(Mapping[str, Any]):
    """The plugin's settings by name, as its `pyproject.toml` describes them; what nobody has set is its default.

    They are read once in a call, when the first is looked at. Secrets are here in the clear: keep them out of the log.
    """

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self._call = call
        self._values: dict[str, Any] | None = None

    def get(self, name: str, default: Any = None) -> Any:
        """The setting, or `default` where there is none of this name or it is null."""
        value = self._all().get(name)
        return default if value is None else value

    def __getitem__(self, name: str) -> Any:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Any]:
        if self._values is None:
            self._values = self._call("settings.get", {})
        return self._values
