"""A bundle as the body of a request."""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema

from rising_bsm.accounts import Actor
from rising_bsm.web.errors import UnsupportedMedia
from rising_bsm.web.requests import StrictRequest

BUNDLE_TYPES = ("application/octet-stream", "application/zip")


@dataclass
class BundleBody(Operation):
    """A body of bytes, which the framework cannot read off the handler."""

    def __post_init__(self) -> None:
        media = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
        self.request_body = RequestBody(content=dict.fromkeys(BUNDLE_TYPES, media), required=True)


async def read_bundle(request: StrictRequest, actor: Actor) -> bytes:
    """The bytes that were sent. Raises PermissionDenied without `plugins.manage`, UnsupportedMedia."""
    # Before the body is read: nobody else makes us take 20 MB.
    actor.require("plugins.manage")
    kind, _ = request.content_type
    if kind not in BUNDLE_TYPES:
        raise UnsupportedMedia(
            f"The body is declared as {kind or 'nothing'}; only a bundle is taken here.",
            place="Content-Type",
            next_step=f"Send the bundle's bytes with Content-Type: {BUNDLE_TYPES[0]}.",
        )
    return await request.body()
