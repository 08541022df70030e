"""Proof of possession: who registers a key signs with it whose it is to be."""

from typing import Any

from rising_bsm.bundle import PublicKey, SigningKey
from rising_bsm.errors import Error
from rising_bsm.licensing.documents import open_sealed, seal
from rising_bsm.marketplace.publishing.errors import NoProof

KEY_PROOF = "application/vnd.rbsm.market-key.v1+json"


def prove(publisher: str, key: SigningKey) -> dict[str, Any]:
    """The envelope in which the key itself says that it is this publisher's."""
    return seal({"publisher": publisher, "public_key": str(key.public_key)}, key, KEY_PROOF)


def check_proof(publisher: str, key: PublicKey, proof: object) -> None:
    """Raises NoProof unless `proof` is what `prove` makes for this publisher and key."""
    try:
        said, _ = open_sealed(proof, [key], KEY_PROOF)
    except Error as error:
        raise _no_proof(error.message) from error
    if said != {"publisher": publisher, "public_key": str(key)}:
        raise _no_proof("It was made for another publisher or another key.")


def _no_proof(reason: str) -> NoProof:
    return NoProof(
        f"This does not show that the key is yours. {reason}",
        place="proof",
        next_step="Register it with `rising-bsm publishers keys add`, on the machine that has the private key.",
    )
