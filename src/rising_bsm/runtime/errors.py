"""What this room refuses with.

InvalidInput
└── MethodNotAllowed   the path is a plugin's, the method is not    plugin.method_not_allowed
Failed
├── PluginsTooDeep     plugins set each other off                   plugin.too_deep
├── PluginUnusable     its code cannot be had; the code is the reason's
└── SandboxError       how a call failed (room sandbox), with the plugin and the moment named
"""

from collections.abc import Collection

from rising_bsm.errors import Failed, InvalidInput, NotFound
from rising_bsm.runtime.text import visible


class MethodNotAllowed(InvalidInput):
    """The plugin answers this path, but not this method; `allowed` are those it answers."""

    code = "plugin.method_not_allowed"

    def __init__(self, plugin_id: str, method: str, path: str, allowed: Collection[str]) -> None:
        methods = ", ".join(sorted(allowed))
        super().__init__(
            f"{plugin_id} answers {methods} here, not {visible(method, 20)}.",
            place=f"{visible(method, 20)} {visible(path)}",
            next_step=f"Use {methods}.",
        )
        self.allowed = frozenset(allowed)


class PluginsTooDeep(Failed):
    """Plugins set each other off more often than is allowed; `place` is the plugin that was not run any more."""

    code = "plugin.too_deep"

    def __init__(self, plugin_id: str, doing: str, depth: int) -> None:
        super().__init__(
            f"{plugin_id} was not run {doing}, because {depth} plugins wait for it already.",
            place=f"{plugin_id} {doing}",
            next_step="Deactivate one of the plugins whose hooks set each other off; its author must correct it.",
        )


class PluginUnusable(Failed):
    """The plugin has no code that may run, for whatever reason `code` names; nothing is wrong with the request."""

    code = "plugin.unusable"


def not_active(plugin_id: str) -> NotFound:
    """The refusal for a plugin that does not run here."""
    return NotFound(
        f"No plugin {visible(plugin_id, 81)} is active here.",
        code="plugin.not_active",
        place=visible(plugin_id, 81),
        next_step="An administrator can install and activate it.",
    )


def no_such_route(plugin_id: str, method: str, path: str) -> NotFound:
    """The refusal for a path that the plugin does not answer."""
    return NotFound(
        f"{plugin_id} answers nothing at this path.",
        code="plugin.no_such_route",
        place=f"{visible(method, 20)} {visible(path)}",
        next_step="See the plugin's README for the paths it answers.",
    )
