"""Which version of a plugin is the one to have."""

from collections.abc import Iterator, Mapping

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from rising_bsm import __version__
from rising_bsm.errors import NotFound
from rising_bsm.plugins.admission import WrongHost
from rising_bsm.plugins.market.condemned import SENTENCES, Condemned
from rising_bsm.plugins.market.index import IndexClient, Listed, VersionStanding


class NoVersion(NotFound):
    """The marketplace's index lists no such version of the plugin, or none that can be had here."""

    code = "market.no_version"


async def choose(index: IndexClient, plugin_id: str, channel: str, *, version: str | None, within: str = "") -> Listed:
    """The version that was asked for, else the highest of the channel, of this range, that this host can run.

    Raises NoVersion, Condemned for one that was revoked or suspended, WrongHost, and what the index raises.
    """
    if version is not None:
        return checked(await index.find(plugin_id, version), plugin_id, version)
    refused: Listed | None = None
    for candidate in candidates(await index.versions(plugin_id), channel, within):
        listed = await index.find(plugin_id, candidate)
        if listed is not None and listed.may_be_installed:
            if _made_for_this_host(listed):
                return listed
            refused = refused or listed
    if refused is not None:
        raise _wrong_host(refused)
    raise NoVersion(
        f"The marketplace has no version of {plugin_id} that can be installed{f' within {within}' if within else ''}.",
        place=plugin_id,
        next_step="See its page in the marketplace; with channel=beta also versions that are tried out are had.",
    )


def checked(listed: Listed | None, plugin_id: str, version: str) -> Listed:
    """The version, if it can be had here. Raises NoVersion, Condemned, WrongHost."""
    if listed is None or listed.stale or (not listed.may_be_installed and listed.status not in SENTENCES):
        raise NoVersion(
            f"The marketplace's index does not list {plugin_id} {version}.",
            place=f"{plugin_id} {version}",
            next_step="See its page in the marketplace for the versions that there are.",
        )
    if listed.status in SENTENCES:
        raise Condemned(plugin_id, version, listed.status, listed.reason or "")
    if not _made_for_this_host(listed):
        raise _wrong_host(listed)
    return listed


def candidates(versions: Mapping[str, VersionStanding], channel: str, within: str = "") -> Iterator[str]:
    """The published versions of the channel, the highest first; who follows `beta` gets stable ones too."""
    wanted = SpecifierSet(within)
    for version in sorted(versions, key=Version, reverse=True):
        standing = versions[version]
        fits = standing.channel == "stable" or channel == "beta"
        if standing.status == "published" and fits and wanted.contains(Version(version), prereleases=True):
            yield version


def _made_for_this_host(listed: Listed) -> bool:
    return SpecifierSet(listed.host).contains(Version(__version__), prereleases=True)


def _wrong_host(listed: Listed) -> WrongHost:
    return WrongHost(
        f"{listed.plugin} {listed.version} is made for Rising-BSM {listed.host}, and this is {__version__}.",
        place="host",
        next_step="Get a version of the plugin that is made for this one, or update the instance.",
    )
