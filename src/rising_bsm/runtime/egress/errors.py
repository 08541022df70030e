"""What a request to the network is refused with, or fails of.

PermissionDenied
├── NotAllowed       the plugin's manifest does not name the place        http.not_allowed
└── AddressRefused   the name leads to where no plugin may go             http.address_refused
Busy
└── FetchesTooMany   over the plugin's requests per minute, bytes per day http.rate_limited
TooLarge
└── AnswerTooLarge   more came than a plugin is given                     http.too_large
Failed
├── FetchTimeout     no answer in time                                    http.timeout
└── FetchFailed      no answer that can be used                           http.failed
"""

from rising_bsm.errors import Busy, Failed, PermissionDenied, TooLarge


class NotAllowed(PermissionDenied):
    """The plugin's manifest does not name this place; `place` is the address."""

    code = "http.not_allowed"


class AddressRefused(PermissionDenied):
    """The host is, or has, an address that is not on the public internet; `place` is the host."""

    code = "http.address_refused"


class FetchesTooMany(Busy):
    """The plugin has asked the network for more than it may in this time."""

    code = "http.rate_limited"


class AnswerTooLarge(TooLarge):
    """The answer is larger than a plugin is given; `place` is the host."""

    code = "http.too_large"


class FetchTimeout(Failed):
    """The host did not answer in time; `place` is the host."""

    code = "http.timeout"


class FetchFailed(Failed):
    """There is no answer that can be used; `place` is the host."""

    code = "http.failed"
