import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.accounts import SYSTEM
from rising_bsm.bundle.manifest import RouteExport
from rising_bsm.errors import Failed, NotFound, NotSignedIn, PermissionDenied
from rising_bsm.runtime import MethodNotAllowed, RuntimeLimits
from rising_bsm.runtime.accounting import QuotaExceeded
from rising_bsm.runtime.routes import Routes
from rising_bsm.sandbox import Limits, Pool
from support.people import make_actor
from support.runtime import PLUGIN, Instance, make_request, open_instance

PATHS = ["/", "/a", "/a/{x}", "/a/b", "/{x}/b", "/{x}/{y}", "/a/{x}/c", "/a/b/{z}"]


def make_routes(*paths: str, method: str = "GET") -> Routes:
    exports = [RouteExport.model_validate({"method": method, "path": path, "handler": "run"}) for path in paths]
    return Routes(PLUGIN, exports)


@pytest.mark.parametrize(
    ("path", "pattern", "params"),
    [
        ("/", "/", {}),
        ("/a", "/a", {}),
        ("/a/", None, {}),
        ("/a/b", "/a/b", {}),
        ("/a/x", "/a/{x}", {"x": "x"}),
        ("/A/b", "/{x}/b", {"x": "A"}),
        ("/ü/ /", None, {}),
        ("/ü/ ", "/{x}/{y}", {"x": "ü", "y": " "}),
        ("/a/b/c", "/a/b/{z}", {"z": "c"}),
        ("/a/x/c", "/a/{x}/c", {"x": "x"}),
        ("/a/../b", None, {}),
        ("/../..", "/{x}/{y}", {"x": "..", "y": ".."}),
        ("//b", None, {}),
        ("", None, {}),
        ("a", None, {}),
        ("/a\n", None, {}),
        ("/a/{x}", "/a/{x}", {"x": "{x}"}),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_the_path_that_spells_out_more_is_taken(
    path: str, pattern: str | None, params: dict[str, str], order: int
) -> None:
    routes = make_routes(*PATHS[::order])

    if pattern is None:
        with pytest.raises(NotFound) as refusal:
            routes.find("GET", path)
        assert refusal.value.code == "plugin.no_such_route"
    else:
        route, found = routes.find("GET", path)
        assert (route.path, found) == (pattern, params)


SEGMENT = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=5)


@given(st.lists(SEGMENT, min_size=1, max_size=4), st.data())
def test_parameters_are_what_stands_in_their_place(segments: list[str], data: st.DataObject) -> None:
    opened = data.draw(st.sets(st.integers(0, len(segments) - 1)))
    pattern = "/" + "/".join(f"{{p{at}}}" if at in opened else "literal" for at in range(len(segments)))
    path = "/" + "/".join(text if at in opened else "literal" for at, text in enumerate(segments))

    route, params = make_routes(pattern).find("GET", path)

    assert route.path == pattern
    assert params == {f"p{at}": segments[at] for at in opened}


def test_another_method_is_refused_with_those_there_are() -> None:
    with pytest.raises(MethodNotAllowed) as refusal:
        make_routes("/a", "/{x}").find("DELETE\n", "/a")

    assert refusal.value.allowed == {"GET"}
    assert refusal.value.place == "DELETE\\n /a"


@pytest.mark.anyio
async def test_a_request_reaches_its_handler(instance: Instance) -> None:
    await instance.attach("""
    @route("POST", "/things/{thing}")
    async def run(self, ctx, request):
        return Response({"method": request.method, "path": request.path, "params": request.params,
            "query": request.query, "headers": request.headers, "body": request.body, "me": ctx.plugin.version}, 201)
    """)
    headers = {"Accept-Language": "de", "Cookie": "session=1", "Authorization": "Bearer rbsm_1", "X-Csrf-Token": "1"}
    headers["X-Hub-Signature"] = "1"
    request = make_request(
        method="POST", path="/things/ü \n", query={"q": "1"}, headers=headers, body={"a": ["🙂", None]}
    )

    answer = await instance.runtime.run_route(PLUGIN, request, SYSTEM)

    assert (answer.status, dict(answer.headers)) == (201, {})
    assert answer.body == {
        "method": "POST",
        "path": "/things/ü \n",
        "params": {"thing": "ü \n"},
        "query": {"q": "1"},
        "headers": {"accept-language": "de"},
        "body": {"a": ["🙂", None]},
        "me": "1.0.0",
    }


@pytest.mark.anyio
async def test_a_route_needs_a_user_with_its_permission(instance: Instance) -> None:
    await instance.attach("""
    @route("GET", "/", permission="customers.read")
    def run(self, ctx, request):
        return 1
    """)
    request = make_request()

    with pytest.raises(NotSignedIn):
        await instance.runtime.run_route(PLUGIN, request, None)
    with pytest.raises(PermissionDenied) as refusal:
        await instance.runtime.run_route(PLUGIN, request, make_actor(permissions={"customers.update"}))
    assert refusal.value.place == "customers.read"
    # The plugin was not granted it: that is about what the plugin may ask, not about who may ask the plugin.
    assert (await instance.runtime.run_route(PLUGIN, request, make_actor(permissions={"customers.read"}))).body == 1


@pytest.mark.anyio
async def test_who_is_not_signed_in_does_not_learn_what_is_installed(instance: Instance) -> None:
    await instance.attach()

    for plugin in (PLUGIN, "acme.other"):
        with pytest.raises(NotSignedIn):
            await instance.runtime.run_route(plugin, make_request(), None)


PUBLIC = """
@route("GET", "/", public=True)
@route("GET", "/slow", public=True)
def run(self, ctx, request):
    if request.path == "/slow":
        while True: pass
    return [ctx.may("customers.read"), ctx.storage.increment("n")]

@route("GET", "/closed")
def closed(self, ctx, request):
    return 1
"""


@pytest.mark.anyio
async def test_strangers_are_answered_on_public_routes_of_plugins_that_may_have_them(instance: Instance) -> None:
    await instance.attach(PUBLIC, grants={"customers.read", "routes.public"})
    await instance.attach(PUBLIC, id="acme.without", grants={"customers.read"})

    assert (await instance.runtime.run_route(PLUGIN, make_request(), None)).body == [False, 1]
    for plugin, path in ((PLUGIN, "/closed"), ("acme.without", "/"), ("acme.absent", "/"), (PLUGIN, "/absent")):
        assert not instance.runtime.answers_strangers(plugin, "GET", path)
        with pytest.raises(NotSignedIn) as refusal:
            await instance.runtime.run_route(plugin, make_request(path=path), None)
        assert (
            refusal.value.as_dict()
            == NotSignedIn("Sign in to use plugins.", next_step="Sign in, or send an access token.").as_dict()
        )


@pytest.mark.anyio
async def test_strangers_use_up_only_their_own_part_of_what_a_plugin_may_compute(pool: Pool) -> None:
    async with open_instance(pool, limits=RuntimeLimits(strangers_fuel_per_minute=1)) as instance:
        await instance.attach(PUBLIC, grants={"routes.public"})
        await instance.runtime.run_route(PLUGIN, make_request(), None)
        with pytest.raises(QuotaExceeded) as refusal:
            await instance.runtime.run_route(PLUGIN, make_request(), None)
        assert (refusal.value.code, (await instance.get()).body) == ("plugin.quota_fuel", [False, 2])


@pytest.mark.anyio
async def test_a_stranger_keeps_a_plugin_busy_for_less_long(pool: Pool) -> None:
    hasty = RuntimeLimits(public=Limits(fuel=50_000_000))
    async with open_instance(pool, limits=hasty) as instance:
        await instance.attach(PUBLIC, grants={"routes.public"})
        with pytest.raises(Failed) as failure:
            await instance.runtime.run_route(PLUGIN, make_request(path="/slow"), None)
        lines = await instance.runtime.log_of(PLUGIN)

    assert (failure.value.code, failure.value.place) == ("plugin.failed", PLUGIN)
    assert "GET /slow" in lines[0].message


@pytest.mark.anyio
@pytest.mark.parametrize("plugin", ["acme.other", "acme", "", "acme.test ", "../acme.test", "a\x1b" * 500])
async def test_a_plugin_that_is_not_there(instance: Instance, plugin: str) -> None:
    await instance.attach()

    with pytest.raises(NotFound) as refusal:
        await instance.get(plugin=plugin)
    assert refusal.value.code == "plugin.not_active"
    assert refusal.value.message.isprintable()


@pytest.mark.anyio
async def test_a_plugin_refuses_a_request_with_its_own_sentence(instance: Instance) -> None:
    await instance.attach("""
    @route("GET", "/")
    def run(self, ctx, request):
        raise Refuse("Only on Mondays\\x1b[2J", field="day\\n")
    """)

    with pytest.raises(Exception, match="Only on Mondays") as refusal:
        await instance.get()

    assert refusal.value.as_dict() == {  # type: ignore[attr-defined]  # it is one of ours, as the next lines show
        "code": "plugin.refused",
        "message": "Only on Mondays\\x1b[2J",
        "place": "day\\n",
        "fields": {"day\\n": "Only on Mondays\\x1b[2J"},
        "next_step": "Change it and try again; the plugin acme.test decides about this.",
    }
