"""Keys that may sign plugins, over HTTP."""

from typing import Annotated, Any

from litestar import Router, delete, get, post

from rising_bsm.accounts import Actor
from rising_bsm.plugins.keys import KeyDraft, PublisherKeys
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.turns import READS


@get("/", opt={READS: True})
async def list_trusted_keys(actor: Actor, publisher_keys: PublisherKeys) -> dict[str, Any]:
    """Every key, by publisher. Needs `plugins.manage`."""
    return {"items": [key.as_dict() for key in await publisher_keys.list(actor)]}


@post("/")
async def trust_key(
    data: Annotated[Any, described(KeyDraft)], actor: Actor, publisher_keys: PublisherKeys
) -> dict[str, Any]:
    """Bundles of this publisher may be signed with this key from now on. Needs `plugins.manage`."""
    return (await publisher_keys.trust(actor, data)).as_dict()


@delete("/{key_id:str}")
async def distrust_key(key_id: str, actor: Actor, publisher_keys: PublisherKeys) -> None:
    """What this key has signed runs no more. Needs `plugins.manage`."""
    await publisher_keys.distrust(actor, key_id)


router = Router("/trusted-keys", route_handlers=[list_trusted_keys, trust_key, distrust_key], tags=["Trusted keys"])
