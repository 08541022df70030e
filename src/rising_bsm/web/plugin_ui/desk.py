"""Asking a plugin for what it shows, and answering with it, or with what went wrong."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from litestar import Response
from markupsafe import Markup

from rising_bsm.accounts import Actor
from rising_bsm.business.customers import CustomerQuery, Customers
from rising_bsm.errors import Error, NotFound, PermissionDenied
from rising_bsm.runtime import Runtime
from rising_bsm.runtime.ui import Acted, Tree, fields, leaves, target_of
from rising_bsm.runtime.ui.checks import inner
from rising_bsm.sandbox import PluginRefused
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.errors import status_of
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, partial, redirect
from rising_bsm.web.plugin_ui.drawing import Drawing
from rising_bsm.web.plugin_ui.region import Region, page_of
from rising_bsm.web.plugin_ui.tickets import Ticket, Tickets
from rising_bsm.web.plugin_ui.values import PREFIX, typed_in, values_of
from rising_bsm.web.requests import CallerGone, StrictRequest, while_connected
from rising_bsm.web.templating import macros, render

CUSTOMERS = 200
"""How many customers can be picked, by name."""


@dataclass(frozen=True)
class Guest:
    """Who asks, and how."""

    request: StrictRequest
    actor: Actor
    jar: Cookies

    @property
    def user(self) -> str:
        """Whom tickets are made for."""
        return str(self.actor.user_id)

    @property
    def csrf_token(self) -> str:
        """What their forms carry; nothing where they came with an access token, which needs none."""
        session: str | None = getattr(self.request.scope.get("auth"), "session", None)
        return self.jar.csrf_token(session) if session else ""


@dataclass(frozen=True)
class Desk:
    """Answers a guest about one region."""

    guest: Guest
    region: Region
    runtime: Runtime
    customers: Customers

    async def show(self, message: str = "") -> Response[Any]:
        """What the component shows, with a message above it; what the plugin fails with stands in its place."""
        region = self.region
        asked = self.runtime.ui.render(region.plugin_id, region.name, region.props, self.guest.actor)
        try:
            drawn = await self._drawn(await while_connected(self.guest.request, asked))
        except CallerGone:
            raise
        except Error as error:
            details = self.guest.actor.may("plugins.manage")
            drawn = macros("plugin_ui/parts.html").failed(region, error, details)
        return self._answer(drawn, message)

    async def press(self, ticket: Ticket, sealed: str, form: Form) -> Response[Any]:
        """What comes of what the ticket offered, and of what was entered into its form."""
        entered: dict[str, Any] = {}
        if ticket.form is not None:
            entered, wrong = await self._entered(ticket.form, form)
            if wrong:
                return await self._again(ticket, ticket.form, sealed, form, wrong)
        try:
            return await self._done(await self._act(ticket, ticket.values | entered))
        except PluginRefused as refusal:
            if ticket.form is None:
                return self._failed(refusal)
            return await self._again(ticket, ticket.form, sealed, form, refusal.fields, refusal.message)
        except CallerGone:
            raise
        except Error as error:
            return self._failed(error)

    async def _act(self, ticket: Ticket, values: Mapping[str, Any]) -> Acted:
        asked = self.runtime.ui.act(ticket.plugin, ticket.component, ticket.action, values, self.guest.actor)
        return await while_connected(self.guest.request, asked)

    async def _done(self, acted: Acted) -> Response[Any]:
        if acted.redirect is not None:
            return self._led_to(acted.redirect)
        if acted.tree is not None:
            return self._answer(await self._drawn(acted.tree))
        state = self.region.props.state if acted.state is None else acted.state
        props = self.region.props.model_copy(update={"state": state})
        return await replace(self, region=replace(self.region, props=props)).show(acted.message)

    def _led_to(self, link: leaves.Link) -> Response[Any]:
        target = target_of(link.to)
        to = page_of(self.region.plugin_id, target.to, link.query or {}) if target.kind == "own" else target.to
        return Response("", headers={"HX-Redirect": to}) if partial(self.guest.request) else redirect(to)

    async def _entered(self, form: fields.Form, given: Form) -> tuple[dict[str, Any], dict[str, str]]:
        raw = {PREFIX + field.name: given.many(PREFIX + field.name) for field in form.fields}
        entered, wrong = values_of(form, raw)
        for field in form.fields:
            if isinstance(field, fields.CustomerPicker) and entered.get(field.name):
                try:
                    await self.customers.get(self.guest.actor, UUID(entered[field.name]))
                except (NotFound, PermissionDenied):
                    wrong[field.name] = _("Choose a customer.")
        return entered, wrong

    async def _again(
        self,
        ticket: Ticket,
        form: fields.Form,
        sealed: str,
        given: Form,
        wrong: Mapping[str, str],
        message: str = "",
    ) -> Response[Any]:
        """The form as it was shown, with what was entered; only what is at no field of it stands above."""
        at_fields = {field.name: wrong[field.name] for field in form.fields if field.name in wrong}
        drawing = await self._drawing((form,))
        drawing.entered = {field.name: typed_in(field, given.many(PREFIX + field.name)) for field in form.fields}
        drawing.wrong, drawing.said = at_fields, "" if at_fields else message
        drawn = drawing.again(form, ticket.element, sealed)
        if partial(self.guest.request):
            headers = {"HX-Retarget": f"#{ticket.element}", "HX-Reswap": "outerMorph"}
            return Response(str(drawn), status_code=422, headers=headers, media_type="text/html")
        answer = self._answer(drawn)
        answer.status_code = 422
        return answer

    def _failed(self, error: Error) -> Response[Any]:
        """What is said when nothing came of it; what is shown stays as it is."""
        may_know = isinstance(error, PluginRefused) or self.guest.actor.may("plugins.manage")
        message = error.message if may_know else _("The plugin could not do this.")
        said = macros("plugin_ui/parts.html").said(f"{message} [{error.code}]", "danger")
        if partial(self.guest.request):
            headers = {"HX-Retarget": f"#{self.region.id}-said", "HX-Reswap": "innerHTML"}
            return Response(str(said), status_code=status_of(error), headers=headers, media_type="text/html")
        answer = self._answer(said)
        answer.status_code = status_of(error)
        return answer

    def _answer(self, drawn: Markup, message: str = "") -> Response[Any]:
        about: dict[str, Any] = {"region": self.region, "content": drawn, "message": message, "tone": "success"}
        if partial(self.guest.request):
            return page(self.guest.request, "plugin_ui/content.html", **about)
        content = Markup(render("plugin_ui/content.html", about))  # noqa: S704 - a template has made it
        return page_with(self.guest.request, self.region, content)

    async def _drawn(self, tree: Tree) -> Markup:
        return (await self._drawing(tree)).all(tree)

    async def _drawing(self, tree: Tree) -> Drawing:
        customers = await self._names() if any(map(_picks_customers, tree)) else {}
        guest = self.guest
        return Drawing(self.region, Tickets(guest.jar.secret), guest.user, guest.csrf_token, customers)

    async def _names(self) -> dict[str, str]:
        with suppress(PermissionDenied):
            found = await self.customers.list(self.guest.actor, CustomerQuery(limit=CUSTOMERS, sort="name"))
            return {str(one.id): one.name for one in found.items}
        return {}


def page_with(request: StrictRequest, region: Region, content: Markup | str = "") -> Response[str]:
    """A page with the region, which is asked for what it shows when the page is there unless that is known."""
    return page(request, "plugin_ui/page.html", title=region.title, region=region, content=content, framed="")


def _picks_customers(node: leaves.Node) -> bool:
    return isinstance(node, fields.CustomerPicker) or any(_picks_customers(child) for _name, child in inner(node))
