"""Factories of actors, users and customers: a test says what it needs and no more."""

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

from pwdlib.hashers.argon2 import Argon2Hasher

from rising_bsm.accounts import PERMISSIONS, SYSTEM, Actor, Role, User
from rising_bsm.accounts.validation import canonical_email
from rising_bsm.business.customers import Customer, Customers
from rising_bsm.db import Database, uuid7
from rising_bsm.hooks import HookPoints

PASSWORD = "correct horse battery"


def make_actor(
    *,
    permissions: Collection[str] = tuple(PERMISSIONS),
    name: str = "Test Person",
    user_id: UUID | None = None,
    plugin: str | None = None,
) -> Actor:
    """Somebody who is not in the database and may do everything."""
    actor = Actor(user_id=user_id or uuid7(), name=name, permissions=frozenset(permissions))
    return actor.limited_to(plugin, permissions) if plugin else actor


async def make_user(
    database: Database,
    *,
    email: str | None = None,
    name: str = "Test Person",
    role: Role = Role.EMPLOYEE,
    password: str = PASSWORD,
    active: bool = True,
) -> User:
    address = canonical_email(email or f"{uuid7().hex}@people.example")
    password_hash = _hash_of(password)
    async with database.transaction() as session:
        user = User(email=address, name=name, role=role, active=active, password_hash=password_hash)
        session.add(user)
    return user


@cache
def _hash_of(password: str) -> str:
    # Slow on purpose, so made once; what makes it for real users is `Accounts.create_user`.
    return Argon2Hasher().hash(password)


async def make_customer(
    database: Database, *, hooks: HookPoints | None = None, actor: Actor = SYSTEM, **fields: Any
) -> Customer:
    draft = {"name": "Test Customer", "email": f"{uuid7().hex}@customers.example"} | fields
    return await Customers(database, hooks or HookPoints()).create(actor, draft)
