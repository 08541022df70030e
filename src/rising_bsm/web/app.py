"""The application: its settings, its services and its routes, put together."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import fields

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.types import ControllerRouterHandler

from rising_bsm import __version__
from rising_bsm.sandbox import Pool
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.description import DescriptionAlone
from rising_bsm.web.gate import PUBLIC, Gate
from rising_bsm.web.headers import header_writer
from rising_bsm.web.metrics import Measured, Metrics
from rising_bsm.web.pages.problem import to_response
from rising_bsm.web.pages.routers import ROUTERS
from rising_bsm.web.requests import BODY_BYTES, StrictRequest
from rising_bsm.web.routes import (
    activity,
    appointments,
    customers,
    deliveries,
    extensions,
    health,
    licenses,
    market,
    metrics,
    notifications,
    plugin_care,
    plugin_safety,
    plugin_versions,
    plugins,
    public,
    requests,
    roles,
    session,
    system,
    tokens,
    trusted_keys,
    users,
)
from rising_bsm.web.secret import instance_secret
from rising_bsm.web.services import Services, open_services
from rising_bsm.web.settings import Settings
from rising_bsm.web.speaking import Speaking
from rising_bsm.web.turns import turns_for

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(settings: Settings, *, beside: Sequence[Lifespan] = (), pool: Pool | None = None) -> Litestar:
    """The application for these settings; it opens nothing but its secret before it is started.

    What is `beside` runs while the application does, from the moment its services are open. A sandbox `pool` that is
    open already is used and left open; without, the application has one of its own.
    Raises SecretUnusable when the data folder cannot be used.
    """
    jar, measured = Cookies(settings.https, instance_secret(settings.data_dir)), Metrics()
    people = [session.router, tokens.router, users.router, customers.router, activity.router]
    business = [appointments.router, requests.router, public.router, roles.router, notifications.router]
    api = [
        *people,
        *business,
        plugins.router,
        plugin_care.router,
        plugin_safety.router,
        plugin_versions.router,
        licenses.router,
        market.router,
        deliveries.router,
        trusted_keys.router,
        extensions.router,
        system.router,
    ]
    others: list[ControllerRouterHandler] = [health.health, metrics.read_metrics, *ROUTERS]
    return Litestar(
        route_handlers=[Router("/api", route_handlers=api), *others],
        lifespan=[_lifespan(settings, jar, measured, pool), *beside],
        dependencies=_dependencies(),
        middleware=[Measured(measured), Speaking(), turns_for(settings), Gate(settings.hosts, jar)],
        before_send=[header_writer(settings.https)],
        exception_handlers={Exception: to_response},
        request_class=StrictRequest,
        request_max_body_size=BODY_BYTES,
        openapi_config=_openapi(),
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
    )


def _lifespan(settings: Settings, jar: Cookies, measured: Metrics, pool: Pool | None) -> Lifespan:
    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with open_services(settings, jar, measured, pool) as services:
            app.state.services = services
            yield

    return running


def _dependencies() -> dict[str, Provide]:
    async def actor(request: StrictRequest) -> object:
        return request.user

    async def caller(request: StrictRequest) -> object:
        return request.auth

    return {"actor": Provide(actor), "caller": Provide(caller)} | {
        field.name: _service(field.name) for field in fields(Services)
    }


def _service(name: str) -> Provide:
    # After the actor, and not beside it: what can be had at once is had in a task group, a tenth of a short request.
    async def provide(state: State, actor: object) -> object:  # noqa: ARG001 - asking for it says when
        return getattr(state.services, name)

    return Provide(provide)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Rising-BSM",
        version=__version__,
        use_handler_docstrings=True,
        openapi_router=Router("/api", route_handlers=[], opt={PUBLIC: True}, include_in_schema=False),
        render_plugins=[DescriptionAlone(path="/openapi.json")],
    )
