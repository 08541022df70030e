from pathlib import Path

import pytest

from rising_bsm.accounts import Role
from rising_bsm.sandbox import Pool
from support.web import running

pytestmark = pytest.mark.anyio


async def test_from_being_told_to_having_read(tmp_path: Path, pool: Pool) -> None:
    async with running(tmp_path, pool=pool) as instance:
        admin = await instance.program(Role.ADMIN)
        ada = await instance.add_user(Role.EMPLOYEE)
        reader = await instance.program(user=ada)
        drafts = [{"user_id": str(ada.id)}, {"role": "employee"}, {"role": "admin"}]
        sent = [await admin.post("/api/notifications", json={"title": "Hello"} | draft) for draft in drafts]

        assert [answer.status_code for answer in sent] == [201] * 3
        assert (await reader.get("/api/notifications/unread")).json() == {"unread": 2}
        inbox = (await reader.get("/api/notifications", params={"unread": "true", "limit": "1"})).json()
        assert (inbox["total"], len(inbox["items"]), inbox["items"][0]["role"]) == (2, 1, "employee")

        read = await reader.post(f"/api/notifications/{sent[0].json()['id']}/read")
        others = await reader.post(f"/api/notifications/{sent[2].json()['id']}/read")
        assert (read.status_code, others.status_code) == (204, 404)
        assert (await reader.post("/api/notifications/read")).json() == {"read": 1}
        assert (await reader.get("/api/notifications/unread")).json() == {"unread": 0}


async def test_what_is_wrong_is_named(tmp_path: Path, pool: Pool) -> None:
    async with running(tmp_path, pool=pool) as instance:
        admin = await instance.program(Role.ADMIN)
        for draft, place in (({"role": "admin"}, "title"), ([], "body"), ({"title": "x", "role": "king"}, "role")):
            answer = await admin.post("/api/notifications", json=draft)
            assert (answer.status_code, answer.json()["place"]) == (422, place)
        answer = await admin.get("/api/notifications", params={"limit": "0"})
        assert (answer.status_code, answer.json()["code"]) == (422, "notifications.invalid_query")
