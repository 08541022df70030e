"""What plugins draw themselves: which frame is shown where, its files, and what it asks of the host."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.accounts.permissions import STAFF
from rising_bsm.bundle.frames import Frame, FrameMount
from rising_bsm.errors import NotFound
from rising_bsm.runtime.attached import Attached
from rising_bsm.runtime.calls import Calls
from rising_bsm.runtime.errors import PluginNotActive
from rising_bsm.runtime.plugin import ActivePlugin
from rising_bsm.runtime.text import visible

_KEPT_BYTES = 64 * 1024 * 1024


class PluginFrames:
    """The frames of the plugins that are `attached`; the files of those that were shown last are kept in memory."""

    def __init__(self, attached: Mapping[str, Attached], calls: Calls) -> None:
        self._attached = attached
        self._calls = calls
        self._files: OrderedDict[str, Mapping[str, bytes]] = OrderedDict()

    def at(self, mount: FrameMount, actor: Actor) -> list[tuple[ActivePlugin, Frame]]:
        """What is shown to the actor at this mount, in its order."""
        plugins = [attached.plugin for attached in self._attached.values()]
        found = [(one, frame) for one in plugins for frame in one.frames if frame.mount == mount]
        seen = [(one, frame) for one, frame in found if actor.may(frame.permission or STAFF)]
        return sorted(seen, key=lambda shown: (shown[1].order, shown[0].id, shown[1].name))

    def find(self, plugin_id: str, name: str, actor: Actor) -> tuple[ActivePlugin, Frame]:
        """The frame of this name. Raises PluginNotActive, NotFound (`ui.no_such_frame`), PermissionDenied."""
        plugin = self._plugin(plugin_id)
        for frame in plugin.frames:
            if frame.name == name:
                actor.require(frame.permission or STAFF)
                return plugin, frame
        raise _nothing(plugin_id, name, code="ui.no_such_frame")

    async def file(self, plugin_id: str, digest: str, path: str) -> bytes:
        """A file below `ui/` of the version that is active and has this digest.

        Raises PluginNotActive, NotFound (`ui.no_such_file`), and what reading the bundle raises.
        """
        plugin = self._plugin(plugin_id)
        files = await self._files_of(plugin) if plugin.digest == digest else {}
        if path not in files:
            raise _nothing(plugin_id, path, code="ui.no_such_file")
        return files[path]

    async def ask(self, plugin_id: str, name: str, function: str, arguments: Any, actor: Actor) -> Any:
        """What a function of the host answers to the frame, which is shown to this actor and acts for them.

        Raises what `find` raises and what `Calls.ask` raises.
        """
        plugin, _ = self.find(plugin_id, name, actor)
        return await self._calls.ask(plugin, name, function, arguments, actor)

    async def _files_of(self, plugin: ActivePlugin) -> Mapping[str, bytes]:
        files = self._files.pop(plugin.digest, None)
        if files is None:
            files = await plugin.files()
        self._files[plugin.digest] = files
        while len(self._files) > 1 and sum(map(_size, self._files.values())) > _KEPT_BYTES:
            self._files.popitem(last=False)
        return files

    def _plugin(self, plugin_id: str) -> ActivePlugin:
        attached = self._attached.get(plugin_id)
        if attached is None:
            raise PluginNotActive(plugin_id)
        return attached.plugin


def _size(files: Mapping[str, bytes]) -> int:
    return sum(map(len, files.values()))


def _nothing(plugin_id: str, name: str, *, code: str) -> NotFound:
    return NotFound(
        f"{plugin_id} shows nothing of this name.",
        code=code,
        place=f"{plugin_id} {visible(name, 80)}",
        next_step="It may have been updated: load the page again.",
    )
