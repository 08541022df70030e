"""Pages that a plugin draws itself: which file below `ui/` is shown where, in a frame that reaches nothing alone."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rising_bsm.bundle import fields
from rising_bsm.bundle.errors import BundleError
from rising_bsm.bundle.layout import UI

FrameMount = Literal["dashboard.widget", "customer.detail", "appointment.detail", "request.detail", "page"]
FRAME_MOUNTS: tuple[FrameMount, ...] = get_args(FrameMount)

SERVED = ("css", "gif", "html", "jpeg", "jpg", "js", "json", "mjs", "png", "svg", "txt", "webp", "woff2")
"""What a frame may load, by the ends of file names."""

SCRIPT = "rising-bsm.js"
"""The file that every frame finds beside its own: the author's end of the bridge to the host."""

_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*\.html")


def _html_file(path: str) -> str:
    if not _FILE.fullmatch(path):
        raise ValueError("must be the path of an HTML file below ui/, such as board.html")
    return path


class Frame(BaseModel):
    """One of them; `permission` is what people must have to be shown it, `height` is in CSS pixels until it says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: fields.Slug
    mount: FrameMount
    title: fields.Line
    file: Annotated[str, Field(max_length=200), AfterValidator(_html_file)]
    permission: fields.PermissionCode | None = None
    order: int = Field(default=100, ge=0, le=1000)
    icon: fields.Slug | None = None
    height: int = Field(default=240, ge=40, le=5000)


def _no_frame_twice(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    names = [frame.name for frame in frames]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"must name each once, not {', '.join(twice)} twice")
    return frames


Frames = Annotated[
    tuple[Frame, ...],
    Field(max_length=20, description="What the plugin draws itself, in frames that reach nothing by themselves."),
    AfterValidator(_no_frame_twice),
]


def check_frames(frames: tuple[Frame, ...], files: Mapping[str, bytes]) -> None:
    """Refuse frames whose file is not there, and a file in the place of the host's own script."""
    for frame in frames:
        if UI + frame.file not in files:
            raise BundleError(
                f"The frame {frame.name!r} shows a file that is not in the bundle.",
                code="bundle.frame_missing",
                place=UI + frame.file,
                next_step="Put the file below ui/, or name another as the frame's file.",
            )
    if taken := [name for name in files if name.startswith(UI) and name.rpartition("/")[2] == SCRIPT]:
        raise BundleError(
            f"{taken[0]!r} has the name of the script that the host gives to frames.",
            code="bundle.frame_script",
            place=taken[0],
            next_step="Rename the file; leave the address of rising-bsm.js to the host.",
        )
