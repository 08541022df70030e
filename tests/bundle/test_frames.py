"""What a manifest says of frames, and whether the bundle holds it."""

from typing import Any

import pytest

from rising_bsm.bundle import open_bundle
from rising_bsm.bundle.errors import BundleError
from support.bundles import make_files, make_key, make_manifest, make_signed_bundle, trust

BOARD: dict[str, Any] = {"name": "board", "mount": "page", "title": "Board", "file": "board.html"}


def opened(frames: list[dict[str, Any]], files: dict[str, bytes]) -> Any:
    data = make_signed_bundle(manifest=make_manifest(frames=frames), files=make_files(files))
    return open_bundle(data, trust(make_key())).manifest.frames


def test_a_frame_and_its_file() -> None:
    (frame,) = opened([BOARD], {"ui/board.html": b"<p>"})
    assert (frame.name, frame.mount, frame.file, frame.height, frame.order) == ("board", "page", "board.html", 240, 100)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"file": "../code/x.html"}, "file"),
        ({"file": "/board.html"}, "file"),
        ({"file": "board.js"}, "file"),
        ({"file": "a/../board.html"}, "file"),
        ({"file": "https://elsewhere.example/board.html"}, "file"),
        ({"file": "board.html?x"}, "file"),
        ({"file": ".hidden.html"}, "file"),
        ({"mount": "settings"}, "mount"),
        ({"mount": "customers.actions"}, "mount"),
        ({"height": 100_000}, "height"),
        ({"title": "Bo\u202eard"}, "title"),
        ({"name": "Bo ard"}, "name"),
        ({"allow": "camera"}, "allow"),
        ({"sandbox": "allow-same-origin"}, "sandbox"),
    ],
)
def test_what_no_frame_is(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BundleError) as refused:
        make_manifest(frames=[BOARD | change])
    assert f"frames[0].{place}" in refused.value.fields


def test_no_two_frames_have_one_name() -> None:
    with pytest.raises(BundleError, match="manifest"):
        make_manifest(frames=[BOARD, BOARD])


def test_a_frame_without_its_file_is_refused() -> None:
    with pytest.raises(BundleError) as refused:
        opened([BOARD], {"ui/other.html": b"<p>"})
    assert (refused.value.code, refused.value.place) == ("bundle.frame_missing", "ui/board.html")


@pytest.mark.parametrize("name", ["ui/rising-bsm.js", "ui/deep/rising-bsm.js"])
def test_the_hosts_script_cannot_be_replaced(name: str) -> None:
    with pytest.raises(BundleError) as refused:
        opened([], {name: b"1"})
    assert (refused.value.code, refused.value.place) == ("bundle.frame_script", name)
