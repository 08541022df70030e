"""What a browser may do with a file of a plugin's frame: draw it, run its scripts, and reach nothing at all.

Everything is said by the host: which kinds of files there are, what they may load, and what their scripts begin with.
"""

import hmac
import re

from litestar.types import Scope

from rising_bsm.bundle.frames import SERVED
from rising_bsm.errors import NotFound

SANDBOX = "allow-scripts allow-forms allow-downloads"
"""What frames may do; never `allow-same-origin`, so that their origin is nobody's, also when opened by themselves."""

_KINDS = {
    "css": "text/css; charset=utf-8",
    "gif": "image/gif",
    "html": "text/html; charset=utf-8",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "mjs": "text/javascript; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "webp": "image/webp",
    "woff2": "font/woff2",
}
assert set(_KINDS) == set(SERVED)

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_OFF = ("camera", "microphone", "geolocation", "display-capture", "clipboard-read", "payment", "usb", "serial", "hid")

# No rule of a browser keeps a page from sending through WebRTC, and everything that can run in a frame comes through
# here: so every script begins by taking it away, in whatever realm it is run. On the first line, to keep the others.
_BEFORE_SCRIPTS = (
    b'for(const name of["RTCPeerConnection","webkitRTCPeerConnection","mozRTCPeerConnection","RTCDataChannel"])'
    b"try{Object.defineProperty(globalThis,name,{value:undefined,writable:false,configurable:false})}catch{} "
)


def key_for(secret: bytes, plugin_id: str, digest: str) -> str:
    """The part of an address that only those know to whom a frame of this bundle was shown, 32 hexadecimal digits.

    A frame has no cookies to show: its origin is nobody's.
    """
    return hmac.digest(secret, f"frame {plugin_id} {digest}".encode(), "sha256").hex()[:32]


def kind_of(path: str) -> str:
    """The media type of a file. Raises NotFound for what frames do not load."""
    _, dot, end = path.rpartition(".")
    kind = _KINDS.get(end.lower()) if dot else None
    if kind is None:
        raise NotFound(
            "Frames do not load files of this kind.",
            code="ui.no_such_file",
            place=path[:200],
            next_step=f"Use one of: {', '.join(SERVED)}.",
        )
    return kind


def as_served(path: str, content: bytes) -> bytes:
    """The file as browsers get it: scripts without what would let them send anything anywhere."""
    return _BEFORE_SCRIPTS + content if "javascript" in kind_of(path) else content


def headers_for(base: str, host: str) -> dict[str, str]:
    """The headers of every file below the address `base`, for frames in pages of `host` alone."""
    rules = (
        f"sandbox {SANDBOX}; default-src 'none'; script-src {base}; style-src {base} 'unsafe-inline'; "
        f"img-src {base} data: blob:; font-src {base}; media-src {base} data: blob:; connect-src 'none'; "
        f"frame-src 'none'; worker-src 'none'; object-src 'none'; form-action 'none'; base-uri 'none'; "
        f"frame-ancestors {host}"
    )
    return {
        "Content-Security-Policy": rules,
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _OFF),
        "X-DNS-Prefetch-Control": "off",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "no-referrer",
        # To a frame whose origin is nobody's, everything is from elsewhere; who asks has proved it by the address.
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "private, max-age=31536000, immutable",
    }


def origin_of(scope: Scope) -> str | None:
    """The scheme and host that a request was sent to, None when the host is not one that a rule could name."""
    named = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return f"{scope['scheme']}://{named}" if _HOST.fullmatch(named) else None
