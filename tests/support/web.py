"""Running applications for tests: the real one, on a real database file, asked over ASGI or over a socket."""

import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

with warnings.catch_warnings():
    # Litestar imports advanced-alchemy, which still uses a decorator that SQLAlchemy 2.1 deprecates.
    warnings.simplefilter("ignore", DeprecationWarning)
    from litestar import Litestar

from rising_bsm.accounts import Role
from rising_bsm.accounts.passwords import Passwords
from rising_bsm.accounts.tokens import Token, digest_of
from rising_bsm.accounts.users import User
from rising_bsm.db import Database, uuid7
from rising_bsm.sandbox import Pool
from rising_bsm.web.app import create_app
from rising_bsm.web.cookies import CSRF_HEADER
from rising_bsm.web.services import Services
from rising_bsm.web.settings import Settings

PASSWORD = "correct horse battery staple"
ADDRESS = "192.0.2.7"
_MADE_ONCE: dict[str, Any] = {}


class Instance:
    """A running application and the people and programs that talk to it."""

    def __init__(self, app: Litestar) -> None:
        self.app = app

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    def visitor(self, address: str = ADDRESS, host: str = "localhost", **headers: str) -> httpx.AsyncClient:
        """A browser that nobody has signed in with."""
        transport = httpx.ASGITransport(self.app, client=(address, 50_000))
        return httpx.AsyncClient(transport=transport, base_url=f"http://{host}", headers=headers)

    async def add_user(
        self, role: Role = Role.ADMIN, email: str = "", name: str = "Somebody", *, active: bool = True
    ) -> User:
        """Somebody whose password is PASSWORD."""
        email = email or f"{uuid7()}@example.com"
        known = {"email": email, "name": name, "role": role, "active": active}
        user = User(id=uuid7(), password_hash=await _password_hash(), **known)
        async with self.services.database.transaction() as session:
            session.add(user)
        return user

    async def browser(self, role: Role = Role.ADMIN, *, user: User | None = None) -> httpx.AsyncClient:
        """A browser in which somebody is signed in, and that sends the CSRF token with everything."""
        user = user or await self.add_user(role)
        return self.browser_with(await self.services.sessions.open(user.id))

    def browser_with(self, session: str, *, csrf: bool = True) -> httpx.AsyncClient:
        """A browser with this session cookie."""
        jar = self.services.jar
        client = self.visitor(**({CSRF_HEADER: jar.csrf_token(session)} if csrf else {}))
        client.cookies.set(jar.session, session)
        return client

    async def program(self, role: Role = Role.ADMIN, *, user: User | None = None, **token: Any) -> httpx.AsyncClient:
        """A program with an access token of somebody."""
        user = user or await self.add_user(role)
        secret = await self.add_token(user.id, **token)
        return self.visitor(Authorization=f"Bearer {secret}")

    async def add_token(
        self, user_id: UUID, scopes: list[str] | None = None, expires_at: datetime | None = None
    ) -> str:
        """An access token, of whatever age."""
        secret = f"rbsm_{uuid7().hex}"
        known = {"scopes": scopes, "expires_at": expires_at, "name": "test"}
        async with self.services.database.transaction() as session:
            session.add(Token(id=uuid7(), user_id=user_id, digest=digest_of(secret), **known))
        return secret


@asynccontextmanager
async def running(data_dir: Path, *, pool: Pool | None = None, **settings: Any) -> AsyncIterator[Instance]:
    """The application on the data in `data_dir`, which is made when it is missing; `pool` outlives it."""
    if "database_url" not in settings:
        shutil.copytree(await _migrated_folder(), data_dir, dirs_exist_ok=True, copy_function=_copy_missing)
    app = create_app(Settings(data_dir=data_dir, **settings), pool=pool)
    async with app.lifespan():
        yield Instance(app)


def _copy_missing(source: str, target: str) -> None:
    if not Path(target).exists():
        shutil.copy(source, target)


def a_customer(**fields: Any) -> dict[str, Any]:
    """A customer that can be stored, with an address of its own."""
    return {"name": "Bakery", "email": f"{uuid7()}@example.com"} | fields


async def _migrated_folder() -> Path:
    # Migrating takes a moment; every test starts from a copy.
    if "folder" not in _MADE_ONCE:
        folder = Path(tempfile.mkdtemp())
        database = Database(Settings(data_dir=folder).database)
        await database.migrate()
        await database.close()
        _MADE_ONCE["folder"] = folder
    return Path(_MADE_ONCE["folder"])


async def _password_hash() -> str:
    if "hash" not in _MADE_ONCE:
        _MADE_ONCE["hash"] = await Passwords().hash(PASSWORD)
    return str(_MADE_ONCE["hash"])
