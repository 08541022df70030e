"""Licences: keys, signed files, their states in time, and who may open what was encrypted. Pure.

LicenceKey                                    what a person types
make_request -> read_request                  what an instance asks, signed with its own key
sign_licence -> open_licence                  what a marketplace answers, good for 24 hours
standing                                      what that allows at a moment
encrypt, wrap -> unwrap, decrypt              a bundle for those who have paid for it
"""

from rising_bsm.licensing.content import (
    check_wrap_key,
    decrypt,
    encrypt,
    is_encrypted,
    new_content_key,
    unwrap,
    wrap,
    wrap_public,
)
from rising_bsm.licensing.documents import INSTANCE_REQUEST, LICENCE, open_sealed, seal
from rising_bsm.licensing.errors import BadContent, BadDocument, InvalidLicenceKey
from rising_bsm.licensing.keys import LicenceKey
from rising_bsm.licensing.licence import LEASE, Licence, LicenceType, open_licence, sign_licence
from rising_bsm.licensing.licensed import Licensed
from rising_bsm.licensing.requests import InstanceRequest, make_request, read_request
from rising_bsm.licensing.states import Clock, LicenceState, Standing, standing

__all__ = [
    "INSTANCE_REQUEST",
    "LEASE",
    "LICENCE",
    "BadContent",
    "BadDocument",
    "Clock",
    "InstanceRequest",
    "InvalidLicenceKey",
    "Licence",
    "LicenceKey",
    "LicenceState",
    "LicenceType",
    "Licensed",
    "Standing",
    "check_wrap_key",
    "decrypt",
    "encrypt",
    "is_encrypted",
    "make_request",
    "new_content_key",
    "open_licence",
    "open_sealed",
    "read_request",
    "seal",
    "sign_licence",
    "standing",
    "unwrap",
    "wrap",
    "wrap_public",
]
