"""What a plugin has stored, entry by entry."""

import json
from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.plugins.stored import StoredData
from rising_bsm.runtime.text import visible
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import address, redirect
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_LINE = 100_000


@get("/{plugin_id:str}/storage", opt={READS: True})
async def list_entries(request: StrictRequest, plugin_id: str, actor: Actor, stored_data: StoredData) -> Response[str]:
    """The keys, in pages; `search` is what they start with."""
    prefix, after = (request.query_params.get(name, "") for name in ("search", "after"))
    found = await stored_data.page(actor, plugin_id, prefix, after)
    entries = [(key, visible(key), size) for key, size in found.entries]
    return await plugin_page(request, plugin_id, "storage", found=found, entries=entries, prefix=prefix, after=after)


@get("/{plugin_id:str}/storage/entry", opt={READS: True})
async def show_entry(request: StrictRequest, plugin_id: str, actor: Actor, stored_data: StoredData) -> Response[str]:
    """One entry with its value, easy to read."""
    key = request.query_params.get("key", "")
    value = await stored_data.value(actor, plugin_id, key)
    shown, text = visible(key), as_text(value)
    return await plugin_page(request, plugin_id, "storage", template="entry", key=key, shown_key=shown, text=text)


@post("/{plugin_id:str}/storage/delete")
async def delete_entry(request: StrictRequest, plugin_id: str, actor: Actor, stored_data: StoredData) -> Response[Any]:
    """The list without the entry."""
    form = await Form.of(request)
    key = form.text("key")
    await stored_data.delete(actor, plugin_id, key)
    back = address(f"/plugins/{plugin_id}/storage", search=form.text("search"))
    return redirect(back, said=_("%(key)s is deleted.") % {"key": visible(key, 100)})


def as_text(value: Any) -> str:
    """JSON over several lines, with what cannot be seen made visible."""
    lines = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    return "\n".join(visible(line, _LINE) for line in lines)


HANDLERS = (list_entries, show_entry, delete_entry)
