"""What a bundle says of itself before anybody has vouched for it: for a person who decides whether to trust its key."""

from dataclasses import dataclass

from rising_bsm.bundle.framing import read_frame
from rising_bsm.bundle.limits import DEFAULT_LIMITS, BundleLimits
from rising_bsm.bundle.statement import parse_statement
from rising_bsm.bundle.verify import read_signature


@dataclass(frozen=True)
class Claim:
    """The plugin and version that a bundle says it is, and the key that it says has signed it. None of it is checked.

    `key_id` is the SHA-256 of the public key, in hex.
    """

    key_id: str
    plugin_id: str
    version: str

    @property
    def publisher(self) -> str:
        """Whose plugin it says it is."""
        return self.plugin_id.partition(".")[0]


def read_claim(data: bytes, limits: BundleLimits = DEFAULT_LIMITS) -> Claim:
    """What the bundle says; nothing but its signature is unpacked. `BundleError` when that is not in order."""
    envelope = read_signature(read_frame(data, limits), limits)
    release = parse_statement(envelope.payload).predicate
    [key_id] = envelope.signatures
    return Claim(key_id, release.id, release.version)
