"""One's own access tokens."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Router, delete, get, post

from rising_bsm.accounts import Actor
from rising_bsm.accounts.schema import TokenDraft
from rising_bsm.accounts.service import Accounts
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.turns import READS


@get("/", opt={READS: True})
async def list_tokens(actor: Actor, accounts: Accounts) -> dict[str, Any]:
    """One's own tokens, the newest first, without what they could be used by."""
    return {"items": [token.as_dict() for token in await accounts.list_tokens(actor)]}


@post("/")
async def issue_token(data: Annotated[Any, described(TokenDraft)], actor: Actor, accounts: Accounts) -> dict[str, Any]:
    """A new token; `token` is shown in this answer and never again."""
    return (await accounts.issue_token(actor, data)).as_dict()


@delete("/{token_id:uuid}")
async def revoke_token(token_id: UUID, actor: Actor, accounts: Accounts) -> None:
    """Ends a token at once."""
    await accounts.revoke_token(actor, token_id)


router = Router("/tokens", route_handlers=[list_tokens, issue_token, revoke_token], tags=["Tokens"])
