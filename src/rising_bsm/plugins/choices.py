"""What administrators choose about plugins that fail."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from rising_bsm.accounts.validation import Input, wrong_field
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime.plugin import BreakerMode

INVALID = "plugins.invalid_choice"


class BreakerChoice(Input):
    """What becomes of a plugin that keeps failing: it pauses, administrators are told and no more, or nothing."""

    refusal: ClassVar[str] = "plugins.invalid_choice"

    mode: BreakerMode


class HookChoices(Input):
    """Of some of a plugin's `before` hooks: whether a write that one fails to look at passes (`open`) or not."""

    refusal: ClassVar[str] = "plugins.invalid_choice"

    hooks: Annotated[dict[str, Literal["open", "closed"]], Field(max_length=50)]

    @property
    def opened(self) -> dict[str, bool]:
        """Each hook, and whether it is open."""
        return {hook: choice == "open" for hook, choice in self.hooks.items()}


def changed_hooks(plugin: InstalledPlugin, hooks: Mapping[str, bool]) -> set[str]:
    """The plugin's open hooks after these were opened or closed. Raises InvalidInput for one that it does not have."""
    own = {export.hook for export in plugin.manifest.exports.before}
    if unknown := sorted(hooks.keys() - own):
        there_are = f"It has {', '.join(sorted(own))}." if own else "It has none."
        raise wrong_field(f"hooks.{unknown[0]}", f"The plugin has no such hook. {there_are}", code=INVALID)
    kept = {hook for hook in plugin.open_hooks or () if hook in own and hook not in hooks}
    return kept | {hook for hook, is_open in hooks.items() if is_open}
