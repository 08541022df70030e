"""The people who work here."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Router, get, patch, post

from rising_bsm.accounts import Actor
from rising_bsm.accounts.schema import NewPassword, UserChanges, UserDraft
from rising_bsm.accounts.service import Accounts
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.sessions import Sessions
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
    user_id: UUID, data: Annotated[Any, described(UserChanges, partly=True)], actor: Actor, accounts: Accounts
) -> dict[str, Any]:
    """Changes a name or role, or locks somebody out from their next request on. Needs `users.manage`."""
    return (await accounts.change_user(actor, user_id, data)).as_dict()


@post("/{user_id:uuid}/password", status_code=204)
async def reset_password(
    user_id: UUID, data: Annotated[Any, described(NewPassword)], actor: Actor, accounts: Accounts, sessions: Sessions
) -> None:
    """Gives somebody another password and signs them out; their access tokens stay. Needs `users.manage`."""
    await accounts.reset_password(actor, user_id, data)
    await sessions.close_all(user_id)


router = Router("/users", route_handlers=[list_users, create_user, change_user, reset_password], tags=["Users"])
