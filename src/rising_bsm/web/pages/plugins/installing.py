"""Installing a plugin from a file: brought, looked at, agreed to."""

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile

from rising_bsm.accounts import Actor
from rising_bsm.bundle import BundleLimits, PublicKey
from rising_bsm.errors import Error, InvalidInput
from rising_bsm.plugins.arrivals import Arrival, Arrivals
from rising_bsm.plugins.keys import PublisherKeys
from rising_bsm.runtime.limits import DEFAULT_LIMITS
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.pages.plugins.words import adds_of, permission_rows
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

UPLOAD_BYTES = BundleLimits().bundle_bytes + 64 * 1024
"""A bundle, and the form around it."""


@get("/install", opt={READS: True})
async def choose_file(request: StrictRequest, actor: Actor) -> Response[str]:
    """The form for a file."""
    actor.require("plugins.manage")
    return _form(request)


@post("/install", request_max_body_size=UPLOAD_BYTES)
async def bring_file(request: StrictRequest, actor: Actor, arrivals: Arrivals) -> Response[Any]:
    """On to what is in the bundle, or the form again with why it is none."""
    actor.require("plugins.manage")
    file = (await request.form()).get("bundle")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            sentence = _("Choose a file that ends in .rbsm.")
            raise InvalidInput(sentence, code="plugins.no_file", fields={"bundle": sentence})
        digest = await arrivals.receive(actor, await file.read())
    except Error as error:
        return _form(request, error)
    return redirect(f"/plugins/install/{digest}")


@get("/install/{digest:str}", opt={READS: True})
async def look_at_bundle(request: StrictRequest, digest: str, actor: Actor, arrivals: Arrivals) -> Response[str]:
    """Who made it, what it may do, where it talks to and what it adds; or that nobody here knows its key."""
    return _shown(request, await arrivals.look(actor, digest))


@post("/install/{digest:str}")
async def install_bundle(request: StrictRequest, digest: str, actor: Actor, arrivals: Arrivals) -> Response[Any]:
    """On to the plugin, or what is in the bundle again with why it was not installed."""
    form = await Form.of(request)
    try:
        plugin = await arrivals.install(actor, digest, form.many("grant"))
    except Error as error:
        return _shown(request, await arrivals.look(actor, digest), error)
    named = {"name": plugin.as_dict()["display_name"], "version": plugin.version}
    return redirect(f"/plugins/{plugin.plugin_id}", said=_("%(name)s %(version)s is installed.") % named)


@post("/install/{digest:str}/trust")
async def trust_signer(
    request: StrictRequest, digest: str, actor: Actor, arrivals: Arrivals, publisher_keys: PublisherKeys
) -> Response[Any]:
    """On to what is in the bundle, now that its key counts; or the question again with what was wrong."""
    form, arrival = await Form.of(request), await arrivals.look(actor, digest)
    given = form.text("public_key").strip()
    try:
        if PublicKey.parse(given).key_id != arrival.claim.key_id:
            sentence = _("This is another key than the one that has signed the bundle.")
            raise InvalidInput(sentence, code="keys.invalid", fields={"public_key": sentence})
        await publisher_keys.trust(actor, {"publisher": arrival.claim.publisher, "public_key": given})
    except Error as error:
        return _shown(request, arrival, error, given=given)
    said = _("The key of %(publisher)s is trusted from now on.") % {"publisher": arrival.claim.publisher}
    return redirect(f"/plugins/install/{digest}", said=said)


@post("/install/{digest:str}/drop")
async def drop_bundle(digest: str, actor: Actor, arrivals: Arrivals) -> Response[Any]:
    """The bundle is forgotten."""
    await arrivals.drop(actor, digest)
    return redirect("/plugins", said=_("Nothing was installed."))


def _form(request: StrictRequest, error: Error | None = None) -> Response[str]:
    return page(request, "plugins/install.html", error=error, most=BundleLimits().bundle_bytes // 1_000_000)


def _shown(request: StrictRequest, arrival: Arrival, error: Error | None = None, given: str = "") -> Response[str]:
    manifest = arrival.manifest
    if manifest is None:
        values = {"public_key": given}
        return page(request, "plugins/stranger.html", error=error, arrival=arrival, values=values)
    return page(
        request,
        "plugins/arrival.html",
        error=error,
        arrival=arrival,
        manifest=manifest,
        needed=permission_rows(manifest.permissions),
        optional=permission_rows(manifest.optional_permissions),
        adds=adds_of(manifest.exports.model_dump(mode="json")),
        limits=DEFAULT_LIMITS,
    )


HANDLERS = (choose_file, bring_file, look_at_bundle, install_bundle, trust_signer, drop_bundle)
