"""Signing in and out with JSON, and who one is."""

from typing import Annotated, Any

from litestar import Response, Router, delete, get, post

from rising_bsm.accounts import Actor
from rising_bsm.accounts.schema import PasswordChange
from rising_bsm.errors import NotFound
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.gate import NO_CSRF, PUBLIC, Caller, client_of
from rising_bsm.web.own_password import OwnPassword
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.sessions import Sessions
from rising_bsm.web.sign_in import Credentials, SignIn
from rising_bsm.web.turns import READS


# No page of another site can send this: JSON needs a permission from us that we give to nobody.
@post("/session", opt={PUBLIC: True, NO_CSRF: True}, status_code=200)
async def open_session(
    data: Annotated[Any, described(Credentials)], request: StrictRequest, sign_in: SignIn, jar: Cookies
) -> Response[dict[str, Any]]:
    """Sign in: sets the session cookie; the answer holds the `csrf_token` to send with what changes something."""
    actor, session = await sign_in(Credentials.of(data), client_of(request), request.cookies.get(jar.session))
    return Response(_me(actor, jar.csrf_token(session)), cookies=[jar.make(jar.session, session)])


@delete("/session", status_code=204)
async def close_session(caller: Caller, sessions: Sessions, jar: Cookies) -> Response[None]:
    """Sign out: the session is over at once."""
    if caller.session is None:
        raise NotFound(
            "An access token has no session to end.", next_step="Revoke the token with DELETE /api/tokens/{id}."
        )
    await sessions.close(caller.session)
    return Response(None, status_code=204, cookies=[jar.drop(jar.session)])


@get("/me", opt={READS: True})
async def me(actor: Actor, caller: Caller, jar: Cookies) -> dict[str, Any]:
    """Who sent the request and what they may do; with a session also the `csrf_token` that belongs to it."""
    return _me(actor, jar.csrf_token(caller.session) if caller.session else None)


@post("/me/password", status_code=204)
async def change_own_password(
    data: Annotated[Any, described(PasswordChange)], actor: Actor, caller: Caller, own_password: OwnPassword
) -> None:
    """Changes one's own password, and signs one out everywhere else; access tokens stay as they are."""
    await own_password(actor, caller.session, data)


def _me(actor: Actor, csrf_token: str | None) -> dict[str, Any]:
    known = {"user": {"id": str(actor.user_id), "name": actor.name}, "permissions": sorted(actor.permissions)}
    return known | ({"csrf_token": csrf_token} if csrf_token else {})


router = Router("/", route_handlers=[open_session, close_session, me, change_own_password], tags=["Session"])
