"""The private keys of the index, sealed with the secret of the instance."""

from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from rising_bsm.bundle import PublicKey, SigningKey
from rising_bsm.marketplace import MARKETPLACE
from rising_bsm.marketplace.index.errors import KeysUnreadable, RootAway
from rising_bsm.marketplace.index.roles import ROOT_THRESHOLD, Role, keys_of
from rising_bsm.marketplace.index.tables import IndexKey
from rising_bsm.runtime import Cipher
from rising_bsm.runtime.settings.cipher import SecretUnreadable


def make_keys(role: Role, cipher: Cipher) -> list[IndexKey]:
    """As many new keys as the role has."""
    return [_row(role, SigningKey.generate(), cipher) for _ in range(keys_of(role))]


def _row(role: Role, key: SigningKey, cipher: Cipher) -> IndexKey:
    public = key.public_key
    return IndexKey(role=role, key_id=public.key_id, public_key=str(public), private_key=sealed(key, cipher))


def sealed(key: SigningKey, cipher: Cipher) -> str:
    """The private key as it is stored."""
    return cipher.seal(MARKETPLACE, _name(key.public_key.key_id), key.signer.private_bytes.decode())


class IndexKeys:
    """The keys of the index, the oldest first."""

    def __init__(self, rows: Iterable[IndexKey], cipher: Cipher) -> None:
        self._rows = list(rows)
        self._cipher = cipher

    def with_new(self, rows: Iterable[IndexKey]) -> "IndexKeys":
        """These too."""
        return IndexKeys([*self._rows, *rows], self._cipher)

    def of(self, role: Role) -> list[IndexKey]:
        """Those that sign for the role now."""
        return [row for row in self._rows if row.role == role and row.retired_at is None]

    def public(self, role: Role) -> list[PublicKey]:
        """Those that count for the role, the newest first; for licences, the ones that used to sign do too."""
        counting = [row for row in self._rows if row.role == role and row.revoked_at is None]
        return public_halves(reversed(counting))

    def signers(self, role: Role) -> Sequence[SigningKey]:
        """The private keys of the role. Raises RootAway if these are not enough, and KeysUnreadable."""
        here = [row for row in self.of(role) if row.private_key is not None]
        if role is Role.ROOT and len(here) < ROOT_THRESHOLD:
            raise RootAway(
                f"{ROOT_THRESHOLD} root keys must sign this, and {len(here)} of them are in this instance.",
                next_step="Bring them back with `rising-bsm index import-root`, and take them away again afterwards.",
            )
        return self.opened(here)

    def opened(self, rows: Iterable[IndexKey]) -> list[SigningKey]:
        """The private keys in these rows. Raises KeysUnreadable."""
        return [self._opened(row) for row in rows]

    @property
    def has_root(self) -> bool:
        """Whether a new root can be signed here."""
        return sum(row.private_key is not None for row in self.of(Role.ROOT)) >= ROOT_THRESHOLD

    def _opened(self, row: IndexKey) -> SigningKey:
        try:
            pem = self._cipher.open(MARKETPLACE, _name(row.key_id), row.private_key or "")
        except SecretUnreadable as error:
            raise KeysUnreadable(
                "The private keys of the index cannot be read: the secret of this instance is another one now.",
                place=row.role,
                next_step="Put secret.key back as it was when the marketplace began.",
            ) from error
        key = load_pem_private_key(pem.encode(), None)
        assert isinstance(key, Ed25519PrivateKey)
        return SigningKey(key)


def public_halves(rows: Iterable[IndexKey]) -> list[PublicKey]:
    """The keys that everybody may know."""
    return [PublicKey.parse(row.public_key) for row in rows]


def _name(key_id: str) -> str:
    return f"index key {key_id}"
