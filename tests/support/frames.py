"""Plugins that draw frames, and a place elsewhere that notes whatever reaches it."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from support.bundles import make_key, make_manifest, make_signed_bundle

MODULE = b"from rising_bsm_sdk import Plugin\n\n\nclass Main(Plugin):\n    pass\n"


def framing_plugin(
    name: str,
    files: Mapping[str, str],
    *,
    frames: list[dict[str, Any]] | None = None,
    module: bytes = MODULE,
    **manifest: Any,
) -> bytes:
    """A signed bundle of `acme.NAME` with these files below `ui/`; one frame shows `index.html` on the dashboard."""
    shown = frames or [{"name": "board", "mount": "dashboard.widget", "title": "Board", "file": "index.html"}]
    values = {"name": name, "display_name": name.title(), "main": "acme_frame:Main", "frames": shown} | manifest
    contents = {f"ui/{path}": text.encode() for path, text in files.items()}
    return make_signed_bundle(
        key=make_key(), manifest=make_manifest(**values), files={"code/acme_frame.py": module, **contents}
    )


def page_of(script: str = "") -> dict[str, str]:
    """The files of a frame that runs this script, after the host's own."""
    html = (
        '<!doctype html><html lang="en"><title>Board</title><script src="rising-bsm.js"></script>'
        '<body><p id="said">drawn</p><script src="app.js"></script></body></html>'
    )
    return {"index.html": html, "app.js": script}


@dataclass
class Elsewhere:
    """A machine on the network: where its HTTP, TCP and UDP ports are, and what came there."""

    http: str
    tcp: int
    udp: int
    came: list[str] = field(default_factory=list)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """It listens until the block is left."""
    with _listening(socket.SOCK_STREAM) as tcp, _listening(socket.SOCK_DGRAM) as udp:
        place = Elsewhere("", tcp.getsockname()[1], udp.getsockname()[1])

        class Notes(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place.came.append(self.path)
                self.send_response(200)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()

            do_POST = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - http.server finds them by these names

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Notes)
        place.http = f"http://127.0.0.1:{server.server_port}"
        tcp.listen()
        for listen in (server.serve_forever, lambda: _note_tcp(tcp, place), lambda: _note_udp(udp, place)):
            Thread(target=listen, daemon=True).start()
        yield place
        server.shutdown()
        server.server_close()


@contextmanager
def _listening(kind: socket.SocketKind) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, kind) as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _note_tcp(listener: socket.socket, place: Elsewhere) -> None:
    try:
        while True:
            listener.accept()[0].close()
            place.came.append("tcp")
    except OSError:
        return


def _note_udp(listener: socket.socket, place: Elsewhere) -> None:
    try:
        while listener.recvfrom(4096):
            place.came.append("udp")
    except OSError:
        return
