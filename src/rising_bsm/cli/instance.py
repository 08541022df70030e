"""The instance that a command speaks to, and who it speaks as."""

from rising_bsm.cli.client import Instance
from rising_bsm.cli.keyring import keyring
from rising_bsm.errors import NotSignedIn


def open_instance(url: str, token: str | None) -> Instance:
    """The instance at `url`, as whoever `token` or the one kept by `rising-bsm login` belongs to."""
    known = token or keyring().token_of(url.rstrip("/"))
    if known is None:
        raise NotSignedIn(
            f"There is no token for {url}.",
            place="--token",
            next_step=f"Run `rising-bsm login --url {url}`, or give a token with --token or RISING_BSM_TOKEN.",
        )
    return Instance(url, known)
