import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.accounts import PERMISSIONS, SYSTEM, Role
from rising_bsm.accounts.permissions import PEOPLE_ONLY
from rising_bsm.errors import PermissionDenied
from support.people import make_actor

CODES = st.frozensets(st.sampled_from(sorted(PERMISSIONS)))


@given(has=CODES, asked=st.sampled_from(sorted(PERMISSIONS)))
def test_somebody_may_do_exactly_what_they_have_the_permission_for(has: frozenset[str], asked: str) -> None:
    actor = make_actor(permissions=has)

    if asked in has:
        actor.require(asked)
    else:
        with pytest.raises(PermissionDenied) as refusal:
            actor.require(asked)
        assert (refusal.value.place, refusal.value.code) == (asked, "permission.denied")
        assert PERMISSIONS[asked] in refusal.value.message


@given(has=CODES, grants=CODES, further=CODES)
def test_a_plugin_is_never_allowed_more_than_both_its_user_and_its_grants(
    has: frozenset[str], grants: frozenset[str], further: frozenset[str]
) -> None:
    actor = make_actor(permissions=has)
    plugin = actor.limited_to("acme.loyalty", grants)

    assert plugin.permissions == (has & grants) - PEOPLE_ONLY
    assert plugin.limited_to("acme.loyalty", further).permissions <= plugin.permissions
    assert (plugin.user_id, plugin.name, plugin.plugin) == (actor.user_id, actor.name, "acme.loyalty")


def test_a_plugin_granted_everything_still_cannot_manage_people_plugins_and_tokens() -> None:
    plugin = SYSTEM.limited_to("acme.greedy", PERMISSIONS)

    for code in ("users.manage", "plugins.manage", "tokens.manage"):
        with pytest.raises(PermissionDenied, match=r"acme\.greedy"):
            plugin.require(code)


def test_a_permission_that_does_not_exist_is_had_by_nobody() -> None:
    with pytest.raises(PermissionDenied):
        SYSTEM.require("customers.everything")


def test_what_the_roles_may_do() -> None:
    verbs = ("read", "create", "update")
    entities = ("customers", "appointments", "requests")
    employee = {f"{entity}.{verb}" for entity in entities for verb in verbs}
    employee |= {"notes.create", "notifications.read", "notifications.send", "users.read", "tokens.manage"}
    deleting = {f"{entity}.delete" for entity in (*entities, "notes")}

    assert Role.EMPLOYEE.permissions == employee
    assert Role.MANAGER.permissions == employee | deleting | {"activity.read"}
    assert Role.ADMIN.permissions == set(PERMISSIONS)
