"""The people who work here."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Router, get, patch, post

from rising_bsm.accounts import Actor
from rising_bsm.accounts.schema import UserChanges, UserDraft
from rising_bsm.accounts.service import Accounts
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.turns import READS


@get("/", opt={READS: True})
async def list_users(actor: Actor, accounts: Accounts) -> dict[str, Any]:
    """Everybody by name. Needs `users.manage`."""
    return {"items": [user.as_dict() for user in await accounts.list_users(actor)]}


@post("/")
async def create_user(data: Annotated[Any, described(UserDraft)], actor: Actor, accounts: Accounts) -> dict[str, Any]:
    """Adds somebody. Needs `users.manage`."""
    return (await accounts.create_user(actor, data)).as_dict()


@patch("/{user_id:uuid}")
async def change_user(
    user_id: UUID, data: Annotated[Any, described(UserChanges)], actor: Actor, accounts: Accounts
) -> dict[str, Any]:
    """Changes a name or role, or locks somebody out from their next request on. Needs `users.manage`."""
    return (await accounts.change_user(actor, user_id, data)).as_dict()


router = Router("/users", route_handlers=[list_users, create_user, change_user], tags=["Users"])
