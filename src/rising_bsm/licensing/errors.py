"""What this room refuses with: all of them are `InvalidInput`.

InvalidInput
├── InvalidLicenceKey   what somebody typed is no licence key        license.invalid_key
├── BadDocument         a signed document, its signature or its contents   license.bad_document, license.other_*
└── BadContent          an encrypted bundle, or the key to it        license.bad_content
"""

from rising_bsm.errors import InvalidInput

ASK_AGAIN = "Ask the marketplace again with `rising-bsm license activate`."


class InvalidLicenceKey(InvalidInput):
    """What was typed is not a licence key; the key itself is never part of the error."""

    code = "license.invalid_key"


class BadDocument(InvalidInput):
    """A signed document cannot be relied on; `place` says which, and where in it."""

    code = "license.bad_document"


class BadContent(InvalidInput):
    """What is encrypted does not open: it was changed, or is meant for another plugin, version, licence or instance."""

    code = "license.bad_content"
