"""What an author signs: every file with its size and digest, the plugin's id and version, and the archive's bytes.

The layout is that of an in-toto statement (v1): `subject` lists the files, `predicate` says the rest.
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rising_bsm.bundle import canonical, fields
from rising_bsm.bundle.errors import BundleError
from rising_bsm.bundle.layout import AUTHOR_SIGNATURE
from rising_bsm.bundle.manifest import Manifest

_Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Length = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)


class DigestSet(_Part):
    """The digests of some bytes, in hex."""

    sha256: _Digest

    @classmethod
    def of(cls, content: bytes | memoryview) -> "DigestSet":
        """The digests of these bytes."""
        return cls(sha256=hashlib.sha256(content).hexdigest())


class FileSize(_Part):
    """The size of a file in bytes."""

    size: _Length


class ListedFile(_Part):
    """A file of the bundle: its path, its digest and its size."""

    name: str
    digest: DigestSet
    annotations: FileSize


class SignedBytes(_Part):
    """The archive's bytes from its first to the first signature."""

    length: _Length
    digest: DigestSet


class Release(_Part):
    """Which plugin this is, in which version, and the bytes that hold it."""

    id: fields.PluginId
    version: fields.VersionText
    archive: SignedBytes

    @property
    def publisher(self) -> str:
        """Who publishes the plugin."""
        return self.id.partition(".")[0]


class Statement(_Part):
    """The signed statement over a bundle."""

    type: Literal["https://in-toto.io/Statement/v1"] = Field("https://in-toto.io/Statement/v1", alias="_type")
    subject: Annotated[tuple[ListedFile, ...], Field(max_length=10_000)]
    predicate_type: Literal["urn:rising-bsm:bundle:v1"] = Field("urn:rising-bsm:bundle:v1", alias="predicateType")
    predicate: Release

    def to_bytes(self) -> bytes:
        """The canonical JSON that is signed."""
        return canonical.encode(self.model_dump(mode="json"))


def describe(manifest: Manifest, files: Mapping[str, bytes], prefix: memoryview) -> Statement:
    """The statement over these files, which the bytes of `prefix` hold."""
    release = Release(
        id=manifest.id,
        version=manifest.version,
        archive=SignedBytes(length=len(prefix), digest=DigestSet.of(prefix)),
    )
    subject = [
        ListedFile(name=name, digest=DigestSet.of(content), annotations=FileSize(size=len(content)))
        for name, content in sorted(files.items())
    ]
    return Statement(subject=tuple(subject), predicate=release)


def parse_statement(payload: bytes) -> Statement:
    """The statement in a signed payload; `BundleError` when it is not one."""
    canonical.decode(payload, AUTHOR_SIGNATURE)
    try:
        statement = Statement.model_validate_json(payload)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        raise BundleError(
            f"The signed statement is not valid: {detail['msg']} at {detail['loc']}.",
            code="bundle.statement",
            place=AUTHOR_SIGNATURE,
        ) from error
    names = [file.name for file in statement.subject]
    if names != sorted(set(names)):
        raise BundleError(
            "The signed statement does not list each file once, in order.",
            code="bundle.statement",
            place=AUTHOR_SIGNATURE,
        )
    return statement
