"""Which plugins can be active together: what each needs of the others, and what it cannot be beside."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from rising_bsm.errors import Conflict
from rising_bsm.plugins.states import SETTLED, State
from rising_bsm.plugins.tables import InstalledPlugin


class DependenciesUnmet(Conflict):
    """Plugins that it needs are missing, switched off, or of another version; `place` is the first."""

    code = "plugins.dependencies"


class DependencyCycle(Conflict):
    """It needs a plugin that needs it; `place` is the way round."""

    code = "plugins.dependency_cycle"


class InConflict(Conflict):
    """It cannot be active beside a plugin that is; `place` is the first."""

    code = "plugins.conflict"


class Needed(Conflict):
    """Others need it as it is; `place` is the first."""

    code = "plugins.needed"


@dataclass(frozen=True)
class Member:
    """A plugin as far as others are concerned; `needs` has a range of versions for each plugin it needs."""

    id: str
    version: str
    active: bool
    needs: Mapping[str, str]
    conflicts: frozenset[str]

    @classmethod
    def of(cls, plugin: InstalledPlugin) -> "Member":
        """What is installed, whether or not this host can read the rest of its manifest."""
        return cls.saying(plugin.manifest_json or {}, str(plugin.plugin_id), active=plugin.state == State.ACTIVE)

    @classmethod
    def saying(cls, manifest: Mapping[str, Any], plugin_id: str, *, active: bool) -> "Member":
        """The plugin with this manifest as JSON."""
        needs, conflicts = manifest.get("dependencies", {}), frozenset(manifest.get("conflicts", ()))
        return cls(plugin_id, manifest.get("version", "0"), active, needs, conflicts)


def members(plugins: Collection[InstalledPlugin]) -> dict[str, Member]:
    """The plugins that are installed, by their ids; those that are coming or going do not count."""
    return {str(plugin.plugin_id): Member.of(plugin) for plugin in plugins if plugin.state in SETTLED}


def check_can_be_active(one: Member, installed: Mapping[str, Member]) -> None:
    """Raises DependencyCycle, DependenciesUnmet or InConflict unless the plugin can be active beside the others.

    What `installed` says of the plugin itself, perhaps in another version, does not count.
    """
    others = {name: other for name, other in installed.items() if name != one.id}
    check_no_cycle(one, others)
    if unmet := list(_unmet(one, others)):
        raise DependenciesUnmet(
            f"{one.id} {one.version} needs other plugins: {'; '.join(sentence for _name, sentence in unmet)}.",
            place=unmet[0][0],
            next_step="Install, activate or update what is named, then try again.",
        )
    active = (other for other in others.values() if other.active)
    if names := sorted(other.id for other in active if other.id in one.conflicts or one.id in other.conflicts):
        raise InConflict(
            f"{one.id} cannot be active beside {', '.join(names)}.",
            place=names[0],
            next_step=f"Deactivate {', '.join(names)} first, or do without {one.id}.",
        )


def check_no_cycle(one: Member, installed: Mapping[str, Member]) -> None:
    """Raises DependencyCycle when the plugin would need itself by way of others."""
    ways: list[tuple[str, ...]] = [(one.id, need) for need in sorted(one.needs)]
    seen = set[str]()
    while ways:
        way = ways.pop()
        last = way[-1]
        if last == one.id:
            raise DependencyCycle(
                f"Plugins would need each other in a circle: {' → '.join(way)}.",
                place=" → ".join(way),
                next_step="The author of one of them must do without the other.",
            )
        if last not in seen and last in installed:
            seen.add(last)
            ways += [(*way, need) for need in sorted(installed[last].needs)]


def check_not_needed(plugin_id: str, version: str | None, others: Mapping[str, Member], *, inactive: bool) -> None:
    """Raises Needed when others need the plugin, and this version will not do, or it is to have none.

    Those that are switched off count only if `inactive` is said.
    """
    if names := sorted(
        other.id
        for other in others.values()
        if (other.active or inactive) and plugin_id in other.needs and not _within(version, other.needs[plugin_id])
    ):
        what = f"cannot do with {plugin_id} {version}" if version else f"need {plugin_id}"
        raise Needed(
            f"Other plugins {what}: {', '.join(f'{name} ({others[name].needs[plugin_id]})' for name in names)}.",
            place=names[0],
            next_step="Deactivate, update or remove them first, or insist with force=true.",
        )


def _unmet(one: Member, others: Mapping[str, Member]) -> Iterator[tuple[str, str]]:
    for name, wanted in sorted(one.needs.items()):
        other = others.get(name)
        if other is None:
            yield name, f"{name} {wanted} is not installed"
        elif not _within(other.version, wanted):
            yield name, f"{name} is version {other.version}, not {wanted}"
        elif not other.active:
            yield name, f"{name} is switched off"


def _within(version: str | None, wanted: str) -> bool:
    return version is not None and SpecifierSet(wanted).contains(Version(version), prereleases=True)
