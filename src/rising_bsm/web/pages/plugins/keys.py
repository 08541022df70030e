"""The keys whose signature counts here."""

from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.plugins.keys import PublisherKeys
from rising_bsm.plugins.service import Plugins
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/keys", opt={READS: True})
async def list_keys(
    request: StrictRequest, actor: Actor, publisher_keys: PublisherKeys, plugins: Plugins
) -> Response[str]:
    """Every key, and what it has signed of what is installed."""
    return await _page(request, actor, publisher_keys, plugins)


@post("/keys")
async def trust_key(
    request: StrictRequest, actor: Actor, publisher_keys: PublisherKeys, plugins: Plugins
) -> Response[Any]:
    """The list with the new key, or with what was wrong with it."""
    given = {name: text.strip() for name, text in (await Form.of(request)).texts(("publisher", "public_key")).items()}
    try:
        key = await publisher_keys.trust(actor, given)
    except Error as error:
        return await _page(request, actor, publisher_keys, plugins, error, given)
    said = _("The key of %(publisher)s is trusted from now on.") % {"publisher": key.publisher}
    return redirect("/plugins/keys", said=said)


@post("/keys/{key_id:str}/revoke")
async def revoke_key(key_id: str, actor: Actor, publisher_keys: PublisherKeys) -> Response[Any]:
    """The list without the key."""
    await publisher_keys.distrust(actor, key_id)
    return redirect("/plugins/keys", said=_("The key is not trusted any more."))


async def _page(
    request: StrictRequest,
    actor: Actor,
    publisher_keys: PublisherKeys,
    plugins: Plugins,
    error: Error | None = None,
    values: dict[str, str] | None = None,
) -> Response[str]:
    keys = [key.as_dict() for key in await publisher_keys.list(actor)]
    signed: dict[str, list[str]] = {}
    for plugin in await plugins.list(actor):
        signed.setdefault(str(plugin.key_id), []).append(str(plugin.plugin_id))
    return page(request, "plugins/keys.html", error=error, keys=keys, signed=signed, values=values or {})


HANDLERS = (list_keys, trust_key, revoke_key)
