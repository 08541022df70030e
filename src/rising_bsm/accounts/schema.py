"""What may be written about people and their tokens."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, Field, StrictBool, StringConstraints

from rising_bsm.accounts.permissions import PERMISSIONS, Role
from rising_bsm.accounts.validation import ONE_LINE, Email, Input
from rising_bsm.db import now


def _in_the_future(moment: AwareDatetime) -> AwareDatetime:
    if moment <= now():
        raise ValueError("This moment is over.")
    return moment


def _permission(code: str) -> str:
    if code not in PERMISSIONS:
        raise ValueError(f"There is no permission {code}; there are {', '.join(PERMISSIONS)}.")
    return code


_Password = Annotated[str, StringConstraints(strip_whitespace=False), Field(repr=False)]
_Name = Annotated[str, Field(min_length=1, max_length=200), ONE_LINE]


class UserChanges(Input):
    """What an administrator may change about somebody; what is left out stays."""

    refusal: ClassVar[str] = "accounts.invalid_user"

    name: _Name = ""
    role: Role = Role.EMPLOYEE
    active: StrictBool = True


class OwnChanges(Input):
    """What everybody may change about themselves."""

    refusal: ClassVar[str] = "accounts.invalid_user"

    name: _Name


class UserDraft(Input):
    """Somebody who is going to work here. The password's length is checked where it is hashed."""

    refusal: ClassVar[str] = "accounts.invalid_user"

    email: Email
    name: _Name
    role: Role = Role.EMPLOYEE
    password: _Password


class NewPassword(Input):
    """A password for somebody else. Its length is checked where it is hashed."""

    refusal: ClassVar[str] = "accounts.invalid_password"

    password: _Password


class PasswordChange(NewPassword):
    """A new password of one's own, and the one it takes the place of."""

    old_password: _Password


class TokenDraft(Input):
    """An access token; without `scopes` it has all the rights of its user, without `expires_at` it stays."""

    refusal: ClassVar[str] = "accounts.invalid_token"

    name: Annotated[str, Field(min_length=1, max_length=100), ONE_LINE]
    scopes: Annotated[list[Annotated[str, AfterValidator(_permission)]], Field(max_length=len(PERMISSIONS))] | None = (
        None
    )
    expires_at: Annotated[AwareDatetime, AfterValidator(_in_the_future)] | None = None
