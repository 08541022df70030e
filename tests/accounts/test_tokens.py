import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select, update

from rising_bsm.accounts import PERMISSIONS, SYSTEM, Accounts, Actor, Role, Token
from rising_bsm.accounts.tokens import NOT_BY_TOKEN
from rising_bsm.db import Database, iso, now, uuid7
from rising_bsm.errors import InvalidInput, NotFound, NotSignedIn, PermissionDenied
from support.people import PASSWORD, make_actor, make_user

pytestmark = pytest.mark.anyio


async def signed_in(database: Database, role: Role = Role.MANAGER) -> Actor:
    return (await make_user(database, role=role)).actor


async def test_a_token_acts_for_its_user(database: Database) -> None:
    accounts, actor = Accounts(database), await signed_in(database)
    issued = await accounts.issue_token(actor, {"name": "export"})

    by_token = await accounts.actor_of_token(issued.secret)

    assert re.fullmatch(r"rbsm_[A-Za-z0-9_-]{43}", issued.secret)
    assert (by_token.user_id, by_token.name) == (actor.user_id, actor.name)
    assert by_token.permissions == Role.MANAGER.permissions - {"tokens.manage"}


async def test_a_token_is_kept_only_as_its_digest_and_shown_only_once(database: Database) -> None:
    accounts, actor = Accounts(database), await signed_in(database)
    issued = await accounts.issue_token(actor, {"name": "export"})

    async with database.reading() as session:
        row = (await session.execute(select(Token.__table__))).mappings().one()
    assert issued.secret not in str(dict(row))
    assert issued.as_dict()["token"] == issued.secret
    assert issued.secret not in str([token.as_dict() for token in await accounts.list_tokens(actor)])


async def test_a_token_with_scopes_has_these_rights_only(database: Database) -> None:
    accounts, actor = Accounts(database), await signed_in(database)
    issued = await accounts.issue_token(actor, {"name": "export", "scopes": ["customers.read"]})

    assert (await accounts.actor_of_token(issued.secret)).permissions == {"customers.read"}


async def test_a_token_without_any_scope_may_do_nothing(database: Database) -> None:
    accounts, actor = Accounts(database), await signed_in(database)
    issued = await accounts.issue_token(actor, {"name": "nothing", "scopes": []})

    assert (await accounts.actor_of_token(issued.secret)).permissions == frozenset()


async def test_a_token_loses_what_its_user_loses(database: Database) -> None:
    accounts = Accounts(database)
    actor = await signed_in(database)
    assert actor.user_id
    scoped = await accounts.issue_token(actor, {"name": "a", "scopes": ["customers.read", "customers.delete"]})
    whole = await accounts.issue_token(actor, {"name": "b"})
    await accounts.change_user(SYSTEM, actor.user_id, {"role": "employee"})

    assert (await accounts.actor_of_token(scoped.secret)).permissions == {"customers.read"}
    assert (await accounts.actor_of_token(whole.secret)).permissions == Role.EMPLOYEE.permissions - NOT_BY_TOKEN

    await accounts.change_user(SYSTEM, actor.user_id, {"active": False})
    with pytest.raises(NotSignedIn):
        await accounts.actor_of_token(scoped.secret)


async def test_nobody_gives_a_token_more_than_they_may_do(database: Database) -> None:
    accounts, actor = Accounts(database), await signed_in(database, Role.EMPLOYEE)

    for scope in set(PERMISSIONS) - (Role.EMPLOYEE.permissions - NOT_BY_TOKEN):
        with pytest.raises(InvalidInput) as refusal:
            await accounts.issue_token(actor, {"name": "x", "scopes": ["customers.read", scope]})
        assert scope in refusal.value.fields["scopes"]
    assert await accounts.list_tokens(actor) == []


async def test_a_token_makes_no_tokens_lists_none_and_revokes_none(database: Database) -> None:
    accounts, actor = Accounts(database), await signed_in(database, Role.ADMIN)
    issued = await accounts.issue_token(actor, {"name": "leaked"})
    by_token = await accounts.actor_of_token(issued.secret)

    for attempt in (
        accounts.issue_token(by_token, {"name": "for ever"}),
        accounts.list_tokens(by_token),
        accounts.revoke_token(by_token, issued.token.id),
    ):
        with pytest.raises(PermissionDenied):
            await attempt


async def test_a_plugin_makes_no_tokens_whatever_it_was_granted(database: Database) -> None:
    plugin = (await signed_in(database, Role.ADMIN)).limited_to("acme.greedy", PERMISSIONS)

    with pytest.raises(PermissionDenied):
        await Accounts(database).issue_token(plugin, {"name": "for ever"})


async def test_the_program_itself_has_no_tokens(database: Database) -> None:
    with pytest.raises(PermissionDenied):
        await Accounts(database).issue_token(SYSTEM, {"name": "nobody's"})


async def test_a_revoked_token_ends_at_once(database: Database) -> None:
    accounts, actor = Accounts(database), await signed_in(database)
    issued, other = [await accounts.issue_token(actor, {"name": name}) for name in ("a", "b")]
    await accounts.actor_of_token(issued.secret)

    await accounts.revoke_token(actor, issued.token.id)

    assert await _code(accounts, issued.secret) == "auth.unknown_token"
    assert [token.id for token in await accounts.list_tokens(actor)] == [other.token.id]


async def test_nobody_revokes_or_sees_the_tokens_of_others(database: Database) -> None:
    accounts, owner, other = Accounts(database), await signed_in(database), await signed_in(database, Role.ADMIN)
    issued = await accounts.issue_token(owner, {"name": "mine"})

    with pytest.raises(NotFound):
        await accounts.revoke_token(other, issued.token.id)
    assert await accounts.list_tokens(other) == []
    assert await accounts.actor_of_token(issued.secret)


async def test_a_token_whose_time_is_over_is_refused(database: Database) -> None:
    accounts, actor = Accounts(database), await signed_in(database)
    issued = await accounts.issue_token(actor, {"name": "short", "expires_at": iso(now() + timedelta(days=1))})
    assert await accounts.actor_of_token(issued.secret)

    await _rewrite(database, issued.token.id, expires_at=now() - timedelta(microseconds=1))

    assert await _code(Accounts(database), issued.secret) == "auth.expired_token"


@pytest.mark.parametrize("secret", ["", "rbsm_", "rbsm_" + "A" * 43, "\0", "\ud800", "x" * 1_000_000, "' OR 1=1 --"])
async def test_what_is_no_token_is_nobody(database: Database, secret: str) -> None:
    accounts, actor = Accounts(database), await signed_in(database)
    await accounts.issue_token(actor, {"name": "real"})

    assert await _code(accounts, secret) == "auth.unknown_token"


async def test_the_digest_of_a_token_is_no_token(database: Database) -> None:
    accounts, actor = Accounts(database), await signed_in(database)
    issued = await accounts.issue_token(actor, {"name": "real"})

    assert await _code(accounts, issued.token.digest.hex()) == "auth.unknown_token"


@pytest.mark.parametrize(
    ("draft", "fields"),
    [
        ({}, {"name"}),
        ({"name": "", "scopes": "customers.read", "expires_at": "tomorrow"}, {"name", "scopes", "expires_at"}),
        ({"name": "x", "scopes": ["customers.everything"]}, {"scopes.0"}),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, {"expires_at"}),
        ({"name": "x", "expires_at": "2200-01-01T00:00:00"}, {"expires_at"}),
        ({"name": "x", "user_id": str(uuid7()), "digest": "00"}, {"user_id", "digest"}),
    ],
)
async def test_every_wrong_field_of_a_token_is_named(
    database: Database, draft: dict[str, object], fields: set[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await Accounts(database).issue_token(make_actor(), draft)
    assert set(refusal.value.fields) == fields
    assert all(sentence.endswith(".") for sentence in refusal.value.fields.values())


async def test_the_last_use_is_written_at_most_once_a_minute(database: Database) -> None:
    accounts, actor = Accounts(database), await signed_in(database)
    issued = await accounts.issue_token(actor, {"name": "busy"})
    writes: list[str] = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda *arguments: writes.append(arguments[2]) if arguments[2].startswith("UPDATE") else None,
    )

    for _ in range(5):
        await accounts.actor_of_token(issued.secret)
    assert len(writes) == 1
    assert now() - await _last_use(accounts, actor) < timedelta(minutes=1)

    # Another process, or this one after a restart, knows it from the row.
    await Accounts(database).actor_of_token(issued.secret)
    assert len(writes) == 1

    await _rewrite(database, issued.token.id, last_used_at=now() - timedelta(seconds=61))
    writes.clear()
    await Accounts(database).actor_of_token(issued.secret)
    assert len(writes) == 1
    assert now() - await _last_use(accounts, actor) < timedelta(minutes=1)


async def test_a_password_is_no_token_and_a_token_no_password(database: Database) -> None:
    accounts, user = Accounts(database), await make_user(database)
    issued = await accounts.issue_token(user.actor, {"name": "x"})

    assert await _code(accounts, PASSWORD) == "auth.unknown_token"
    with pytest.raises(NotSignedIn):
        await accounts.sign_in(user.email, issued.secret)


async def _last_use(accounts: Accounts, actor: Actor) -> datetime:
    moment = (await accounts.list_tokens(actor))[0].last_used_at
    assert moment is not None
    return moment


async def _code(accounts: Accounts, secret: str) -> str:
    with pytest.raises(NotSignedIn) as refusal:
        await accounts.actor_of_token(secret)
    return refusal.value.code


async def _rewrite(database: Database, token_id: UUID, **values: object) -> None:
    async with database.transaction() as session:
        await session.execute(update(Token).where(Token.id == token_id).values(**values))
