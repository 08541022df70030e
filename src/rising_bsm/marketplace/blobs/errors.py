"""What can go wrong with blobs."""

from rising_bsm.errors import Failed, InvalidInput, NotFound, TooLarge


class NoBlob(NotFound):
    """There is no blob of this digest."""

    code = "blobs.not_found"


class BlobDamaged(Failed):
    """What is stored under a digest has another one."""

    code = "blobs.damaged"


class BlobsUnusable(Failed):
    """The folder or the bucket cannot be read or written."""

    code = "blobs.unusable"


class OtherDigest(InvalidInput):
    """What was sent is not what it was said to be."""

    code = "blobs.other_digest"


class BlobTooLarge(TooLarge):
    """It is larger than a blob may be."""

    code = "blobs.too_large"
