"""What this room refuses with.

InvalidInput
└── MethodNotAllowed   the path is a plugin's, the method is not    plugin.method_not_allowed
NotFound
├── PluginNotActive    it is not there, or switched off             plugin.not_active
└── NoLongerListening  it has no handler for an event any more      events.not_listening
Failed
├── PluginsTooDeep     plugins set each other off                   plugin.too_deep
├── PluginUnusable     its code cannot be had; the code is the reason's
├── NoAnswerForStrangers   it failed on a public route              plugin.failed
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


class NoAnswerForStrangers(Failed):
    """The plugin failed to answer somebody who is not signed in; how is in its log, for its administrator alone."""

    code = "plugin.failed"

    def __init__(self, plugin_id: str) -> None:
        super().__init__("There is no answer, as something failed.", place=plugin_id, next_step="Try again later.")


class PluginNotActive(NotFound):
    """There is no such plugin, or it is switched off."""

    code = "plugin.not_active"

    def __init__(self, plugin_id: str) -> None:
        super().__init__(
            f"No plugin {visible(plugin_id, 81)} is active here.",
            place=visible(plugin_id, 81),
            next_step="An administrator can install and activate it.",
        )


class NoLongerListening(NotFound):
    """The plugin has no handler for what was to be delivered to it, or may not see it any more."""

    code = "events.not_listening"

    def __init__(self, plugin_id: str, handler: str, name: str) -> None:
        super().__init__(
            f"{plugin_id} does not listen to {name} with {handler} any more, or was not granted to see it.",
            place=f"{plugin_id} {handler}",
            next_step="Drop the delivery, or try it again when another version of the plugin is installed.",
        )


def no_such_route(plugin_id: str, method: str, path: str) -> NotFound:
    """The refusal for a path that the plugin does not answer."""
    return NotFound(
        f"{plugin_id} answers nothing at this path.",
        code="plugin.no_such_route",
        place=f"{visible(method, 20)} {visible(path)}",
        next_step="See the plugin's README for the paths it answers.",
    )
