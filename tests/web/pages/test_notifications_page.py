"""Notifications as people see them: the unread ones first, a number beside the menu, and on to what they are about."""

import re

import pytest

from rising_bsm.accounts import SYSTEM, Role
from rising_bsm.business.notifications import NotificationDraft
from support.web import Instance

pytestmark = pytest.mark.anyio


async def _tell(instance: Instance, user_id: object, **fields: str) -> str:
    draft = NotificationDraft.of({"user_id": user_id, "title": "News"} | fields)
    return str((await instance.services.notifications.send(SYSTEM, draft)).id)


async def test_what_is_unread_is_first_and_counted_in_the_menu(instance: Instance) -> None:
    user = await instance.add_user(Role.EMPLOYEE)
    old = await _tell(instance, user.id, title="First <b>")
    await _tell(instance, user.id, title="Second")
    async with await instance.browser(user=user) as browser:
        await browser.post(f"/notifications/{old}/read")
        page, unread = await browser.get("/notifications"), await browser.get("/notifications/unread")
        only = await browser.get("/notifications?unread=true")
    titles = re.findall(r'class="told-title"[^>]*>(\w+)', page.text)
    assert titles == ["Second", "First"]
    assert "First &lt;b&gt;" in page.text
    assert re.sub(r"<[^>]*>", " ", unread.text).split() == ["1", "1", "unread"]
    assert "First" not in only.text


async def test_nothing_unread_is_no_number(instance: Instance) -> None:
    async with await instance.browser() as browser:
        answer, page = await browser.get("/notifications/unread"), await browser.get("/notifications")
    assert answer.text.strip() == ""
    assert answer.headers["content-type"].startswith("text/html")
    assert "Nothing to tell you yet" in page.text


async def test_it_is_read_put_back_and_all_are_read(instance: Instance) -> None:
    user = await instance.add_user()
    one = await _tell(instance, user.id)
    async with await instance.browser(user=user) as browser:
        counts = []
        for verb in (f"{one}/read", f"{one}/unread", "read"):
            answer = await browser.post(f"/notifications/{verb}")
            assert (answer.status_code, answer.headers["location"]) == (303, "/notifications")
            counts.append(await instance.services.notifications.unread(user.actor))
    assert counts == [0, 1, 0]


async def test_a_script_gets_the_list_at_once_and_tells_the_menu(instance: Instance) -> None:
    user = await instance.add_user()
    one = await _tell(instance, user.id)
    async with await instance.browser(user=user) as browser:
        answer = await browser.post(f"/notifications/{one}/read", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-trigger"]) == (200, "notified")
    assert "told-new" not in answer.text


async def test_opening_leads_to_what_it_is_about_and_has_read_it(instance: Instance) -> None:
    user = await instance.add_user()
    one = await _tell(instance, user.id, link="/customers?search=a")
    async with await instance.browser(user=user) as browser:
        answer = await browser.post(f"/notifications/{one}/open")
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers?search=a")
    assert await instance.services.notifications.unread(user.actor) == 0


@pytest.mark.parametrize("verb", ["read", "unread", "open"])
async def test_those_of_others_are_not_there(instance: Instance, verb: str) -> None:
    one = await _tell(instance, (await instance.add_user()).id)
    async with await instance.browser() as browser:
        assert (await browser.post(f"/notifications/{one}/{verb}")).status_code == 404


async def test_whoever_may_not_see_any_is_refused(instance: Instance) -> None:
    async with await instance.browser(Role.PUBLISHER) as browser:
        for path in ("/notifications", "/notifications/unread"):
            assert (await browser.get(path)).status_code == 403
