"""Signed documents between an instance and its marketplace: DSSE, over canonical JSON, with exactly one signature.

The type of what is signed is signed with it, so that no document passes for one of another kind.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as EnvelopeError

from rising_bsm.bundle import PublicKey, SigningKey, canonical
from rising_bsm.errors import InvalidInput
from rising_bsm.licensing.errors import BadDocument

INSTANCE_REQUEST = "application/vnd.rbsm.instance.v1+json"
LICENCE = "application/vnd.rbsm.license.v1+json"
LARGEST_CHARACTERS = 524_288
_SIGNATURE_CHARACTERS = 88  # 64 bytes in base64


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class _Signature(_Part):
    keyid: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    sig: Annotated[str, Field(min_length=_SIGNATURE_CHARACTERS, max_length=_SIGNATURE_CHARACTERS)]


class _Shape(_Part):
    payload: Annotated[str, Field(max_length=LARGEST_CHARACTERS)]
    payloadType: str  # noqa: N815 - the standard's spelling
    signatures: Annotated[list[_Signature], Field(min_length=1, max_length=1)]


def seal(payload: Mapping[str, Any], key: SigningKey, payload_type: str) -> dict[str, Any]:
    """The envelope, as JSON, in which the key has signed the payload as one of this type."""
    envelope = Envelope(canonical.encode(dict(payload)), payload_type, {})
    envelope.sign(key.signer)
    sealed: dict[str, Any] = envelope.to_dict()
    return sealed


def open_sealed(envelope: object, keys: Collection[PublicKey], payload_type: str) -> tuple[dict[str, Any], PublicKey]:
    """The payload and which of the keys has signed it; BadDocument for everything else."""
    parsed, payload = _parsed(envelope, payload_type)
    signed_by = next(iter(parsed.signatures))
    key = next((key for key in keys if key.key_id == signed_by), None)
    if key is None:
        raise _refused("is signed with a key that is not trusted for it", payload_type)
    try:
        parsed.verify([key.verifier], 1)
    except EnvelopeError as error:
        raise _refused(
            "does not fit its signature: it was changed, or signed by somebody else", payload_type
        ) from error
    return payload, key


def unverified(envelope: object, payload_type: str) -> dict[str, Any]:
    """The payload as anybody may have written it; only for finding the key to `open_sealed` it with."""
    return _parsed(envelope, payload_type)[1]


def _parsed(envelope: object, payload_type: str) -> tuple[Envelope, dict[str, Any]]:
    try:
        shape = _Shape.model_validate(envelope)
        parsed = Envelope.from_dict(shape.model_dump())
    except (ValidationError, EnvelopeError, ValueError) as error:
        raise _refused("is not an envelope with one signature", payload_type) from error
    if shape.payloadType != payload_type:
        raise _refused("is of another type than what is expected here", payload_type)
    # Base64 has several texts for some bytes: the last character may carry bits that nobody reads.
    if parsed.to_dict() != shape.model_dump():
        raise _refused("is not spelled in the one canonical way", payload_type)
    return parsed, _object(parsed.payload, payload_type)


def _object(data: bytes, payload_type: str) -> dict[str, Any]:
    try:
        payload = canonical.decode(data, payload_type)
    except InvalidInput as error:
        raise _refused("does not hold JSON in canonical form", payload_type) from error
    if not isinstance(payload, dict):
        raise _refused("does not hold an object", payload_type)
    return payload


def _refused(reason: str, payload_type: str) -> BadDocument:
    return BadDocument(f"The signed document {reason}.", place=payload_type)
