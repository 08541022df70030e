import json
import subprocess
import sys
from pathlib import Path

import pytest
from litestar import get
from sqlalchemy import text
from structlog.testing import capture_logs

from rising_bsm import __version__, errors
from rising_bsm.db import DatabaseUnavailable
from rising_bsm.sandbox import Pool
from rising_bsm.web.errors import BadRequest, MethodNotAllowed, RateLimited, UnsupportedMedia, status_of
from rising_bsm.web.gate import PUBLIC
from support.web import Instance, running

pytestmark = pytest.mark.anyio

SECRET = "postgresql://user:secret@10.0.0.9/db"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidInput("x"), 422),
        (errors.NotSignedIn("x"), 401),
        (errors.PermissionDenied("x"), 403),
        (errors.NotFound("x"), 404),
        (errors.Conflict("x"), 409),
        (errors.TooLarge("x"), 413),
        (errors.Busy("x"), 503),
        (errors.Failed("x"), 502),
        (errors.Error("x"), 400),
        (BadRequest("x"), 400),
        (UnsupportedMedia("x"), 415),
        (MethodNotAllowed("x"), 405),
        (RateLimited("x", retry_after=7), 429),
    ],
)
def test_each_kind_of_error_has_its_status(error: errors.Error, status: int) -> None:
    class Derived(type(error)):  # type: ignore[misc]
        pass

    assert status_of(error) == status
    derived = Derived("x", retry_after=7) if isinstance(error, RateLimited) else Derived("x")
    assert status_of(derived) == status


def test_every_class_of_the_tree_is_translated() -> None:
    tree = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Error)]
    assert {status_of(kind("x")) for kind in tree} == {400, 401, 403, 404, 409, 413, 422, 502, 503}


@get("/busy", opt={PUBLIC: True})
async def busy() -> None:
    raise errors.Busy("Nobody is free.", code="pool.busy", place="pool", next_step="Wait.")


@get("/broken", opt={PUBLIC: True})
async def broken() -> None:
    raise RuntimeError(f"cannot reach {SECRET}")


@get("/unreachable", opt={PUBLIC: True})
async def unreachable() -> None:
    raise DatabaseUnavailable(f"The database cannot do this now: {SECRET}.")


@get("/wrong/{number:int}", opt={PUBLIC: True})
async def wrong(number: int, size: int) -> dict[str, int]:
    return {"number": number, "size": size}


async def test_an_error_of_ours_is_the_body_as_it_is(instance: Instance) -> None:
    instance.app.register(busy)
    async with instance.visitor() as browser:
        answer = await browser.get("/busy")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json() == {
        "code": "pool.busy",
        "message": "Nobody is free.",
        "place": "pool",
        "next_step": "Wait.",
    }


async def test_what_nobody_foresaw_tells_its_number_and_nothing_of_our_insides(instance: Instance) -> None:
    instance.app.register(broken)
    async with instance.visitor() as browser:
        with capture_logs() as log:
            answer = await browser.get("/broken")
    incident = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert answer.json()["place"] == f"incident {incident}"
    assert SECRET not in answer.text
    assert "RuntimeError" not in answer.text
    assert [entry["request_id"] for entry in log] == [incident]
    assert isinstance(log[0]["exc_info"], RuntimeError)


async def test_what_the_database_says_stays_in_the_log(instance: Instance) -> None:
    instance.app.register(unreachable)
    async with instance.visitor() as browser:
        with capture_logs() as log:
            answer = await browser.get("/unreachable")
    assert (answer.status_code, answer.json()["code"]) == (503, "db.unavailable")
    assert SECRET not in answer.text
    assert SECRET in log[0]["reason"]


async def test_the_frameworks_own_refusals_have_the_same_shape(instance: Instance) -> None:
    instance.app.register(wrong)
    async with instance.visitor() as browser:
        field = await browser.get("/wrong/1?size=x")
        missing = await browser.get("/wrong/1")
        nowhere = await browser.get("/wrong/x")
        method = await browser.post("/wrong/1?size=1")
    assert (field.status_code, set(field.json()["fields"])) == (422, {"size"})
    assert (missing.status_code, missing.json()["code"]) == (400, "request.malformed")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    assert (method.status_code, method.json()["code"]) == (405, "request.method")
    for answer in (field, missing, nowhere, method):
        assert answer.json()["message"].endswith(".")


@pytest.mark.parametrize("path", ["/nothing", "/api/me", "/broken", "/api/customers/1"])
async def test_who_asks_for_a_page_gets_a_page(instance: Instance, path: str) -> None:
    instance.app.register(broken)
    async with instance.visitor(Accept="text/html,application/xhtml+xml,*/*;q=0.8") as browser:
        page = await browser.get(path)
    async with instance.visitor(Accept="application/json") as program:
        data = await program.get(path)
    assert page.status_code == data.status_code
    assert page.headers["content-type"].startswith("text/html")
    assert data.json()["message"] in page.text
    assert page.headers["vary"] == "Accept, HX-Request"


async def test_what_was_sent_is_text_on_the_page(instance: Instance) -> None:
    async with instance.visitor(Accept="text/html") as browser:
        page = await browser.get("/<script>alert(1)</script>")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_the_database_gone_makes_health_fail_and_nothing_else_break(tmp_path: Path, pool: Pool) -> None:
    async with running(tmp_path / "data", pool=pool) as instance, await instance.program() as program:
        well = {"status": "ok", "database": "ok", "sandbox": "ok", "events": "ok", "version": __version__}
        assert (await program.get("/health")).json() == well
        async with instance.services.database.transaction() as session:
            await session.execute(text("ALTER TABLE customers RENAME TO elsewhere"))
        with capture_logs():
            answer = await program.get("/api/customers")
        assert answer.status_code in (500, 503)
        assert "sqlite" not in answer.text.lower()
        assert "elsewhere" not in answer.text
        assert (await program.get("/health")).status_code == 200


LOGGING = """
import logging, structlog
from rising_bsm.web.logs import configure_logging
configure_logging()
password = "very " + "secret"
try:
    raise RuntimeError("broke")
except RuntimeError as error:
    structlog.get_logger("x").error("one", exc_info=error)
logging.getLogger("somewhere").warning("two %s", "things")
"""


def test_the_log_is_json_and_holds_no_local_variables() -> None:
    # Another process, because a process has one way to log and this one's is the test runner's.
    written = subprocess.run([sys.executable, "-c", LOGGING], capture_output=True, text=True, check=True).stderr
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["event"] for line in lines] == ["one", "two things"]
    assert "RuntimeError: broke" in lines[0]["exception"]
    assert "very secret" not in written
