"""From what a marketplace has handed out to the bundle of an author; nothing of it is believed before it is checked."""

import hashlib
from urllib.parse import urlsplit

from rising_bsm.bundle import Manifest, TrustedKey, VerifiedBundle, open_bundle
from rising_bsm.errors import Failed
from rising_bsm.licensing import decrypt
from rising_bsm.plugins.market.index import Listed


class NotWhatIsListed(Failed):
    """What was downloaded opens to something else than the index lists; `place` is the plugin with its version."""

    code = "market.not_what_is_listed"

    def __init__(self, listed: Listed, what: str) -> None:
        super().__init__(
            f"What the marketplace hands out as {listed.plugin} {listed.version} {what}.",
            place=f"{listed.plugin} {listed.version}",
            next_step="Do not use it. Tell the marketplace's operator.",
        )


def open_blob(listed: Listed, blob: bytes, content_key: bytes | None) -> tuple[bytes, VerifiedBundle]:
    """The bundle in what the index lists, in bytes and opened; that its digest is right was checked before.

    Raises NotWhatIsListed, BadContent, InvalidKey and BundleError.
    """
    # (1) decrypted, where it is encrypted
    data = blob
    if listed.encrypted:
        if content_key is None:
            raise NotWhatIsListed(listed, "is encrypted, and it gives no key for it")
        data = decrypt(blob, content_key, plugin=listed.plugin, version=listed.version)
    # (2) the bytes that the index says the author signed
    if (len(data), hashlib.sha256(data).hexdigest()) != (listed.bundle_size, listed.bundle_sha256):
        raise NotWhatIsListed(listed, "is another bundle than the one that it lists")
    # (3) signed by one of the author's keys that the index lists, for the publisher whose name the plugin has
    publisher = listed.plugin.partition(".")[0]
    bundle = open_bundle(data, [TrustedKey(publisher, key) for key in listed.keys])
    # (4) it is that plugin in that version
    if (bundle.manifest.id, bundle.manifest.version) != (listed.plugin, listed.version):
        raise NotWhatIsListed(listed, f"is {bundle.manifest.id} {bundle.manifest.version}")
    # (5) it asks for nothing that people were not told when they looked at what the index says
    if more := _not_listed(listed, bundle.manifest):
        raise NotWhatIsListed(listed, f"asks for {', '.join(more)}, which its index does not say")
    return data, bundle


def _not_listed(listed: Listed, manifest: Manifest) -> list[str]:
    needed, optional = ([one.code for one in some] for some in (manifest.permissions, manifest.optional_permissions))
    more = set(needed) - set(listed.permissions) | set(optional) - {*listed.permissions, *listed.optional_permissions}
    places = (place.url for place in manifest.network)
    # An index may name places or whole hosts.
    return [*sorted(more), *(url for url in places if not {url, urlsplit(url).hostname} & set(listed.network))]
