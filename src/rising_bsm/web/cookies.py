"""The two cookies, and the proof that a form or script which sends them is one of ours."""

import hmac
from dataclasses import dataclass, field

from litestar.datastructures import Cookie

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"


@dataclass(frozen=True)
class Cookies:
    """The cookies of an instance, for HTTPS or for plain HTTP on one's own machine.

    `session` says who is signed in; `visitor` says only that two requests come from the same browser. To each value
    of either belongs a token against cross-site request forgery: a hash of it, keyed with the instance's secret.
    Nobody else can make one, and one that was made for another session or visitor is worth nothing.
    """

    https: bool
    secret: bytes = field(repr=False)

    @property
    def session(self) -> str:
        """The name of the session cookie."""
        return self._prefix + "rbsm_session"

    @property
    def visitor(self) -> str:
        """The name of the visitor cookie."""
        return self._prefix + "rbsm_visitor"

    @property
    def _prefix(self) -> str:
        # Browsers let nobody but the host itself set a cookie that is named so, not even its subdomains.
        return "__Host-" if self.https else ""

    def make(self, name: str, value: str) -> Cookie:
        """A cookie that scripts cannot read and that ends with the browser."""
        return Cookie(name, value=value, httponly=True, samesite="lax", secure=self.https or None)

    def drop(self, name: str) -> Cookie:
        """What makes a browser forget the cookie."""
        return Cookie(name, value="", max_age=0, httponly=True, samesite="lax", secure=self.https or None)

    def csrf_token(self, value: str) -> str:
        """The token for this value of either cookie, 64 hexadecimal digits."""
        return hmac.digest(self.secret, b"csrf " + value.encode("utf-8", "surrogatepass"), "sha256").hex()

    def proves(self, csrf_token: str, value: str) -> bool:
        """Whether the token was made for this value."""
        return hmac.compare_digest(csrf_token.encode("utf-8", "surrogatepass"), self.csrf_token(value).encode())
