"""The envelope around a signed statement: DSSE, in canonical JSON, with exactly one signature."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as EnvelopeError

from rising_bsm.bundle import canonical
from rising_bsm.bundle.errors import BundleError
from rising_bsm.bundle.keys import SigningKey
from rising_bsm.bundle.layout import AUTHOR_SIGNATURE

PAYLOAD_TYPE = "application/vnd.rbsm.bundle.v1+json"


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class _Signature(_Part):
    keyid: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    sig: str


class _Shape(_Part):
    payload: str
    payloadType: Literal["application/vnd.rbsm.bundle.v1+json"]  # noqa: N815 - the standard's spelling
    signatures: Annotated[tuple[_Signature, ...], Field(min_length=1, max_length=1)]


def seal(payload: bytes, key: SigningKey) -> bytes:
    """The bytes of an envelope in which the key has signed the payload."""
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(key.signer)
    return canonical.encode(envelope.to_dict())


def parse_envelope(data: bytes) -> Envelope:
    """The envelope that these bytes are the only text of; its signature is not checked here."""
    value = canonical.decode(data, AUTHOR_SIGNATURE)
    try:
        _Shape.model_validate_json(data)
        envelope = Envelope.from_dict(value)
    except (ValidationError, EnvelopeError, ValueError) as error:
        raise _refused("is not a DSSE envelope with one signature") from error
    # Base64 has several texts for some bytes: the last character may carry bits that nobody reads.
    if canonical.encode(envelope.to_dict()) != data:
        raise _refused("is not spelled in the one canonical way")
    return envelope


def _refused(reason: str) -> BundleError:
    return BundleError(f"The signature file {reason}.", code="bundle.envelope", place=AUTHOR_SIGNATURE)
