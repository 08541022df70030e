"""No spelling, no name and no redirect leads a plugin to where it must not go."""

import pytest

from rising_bsm.bundle.network import NetworkRequest
from rising_bsm.bundle.urls import parse_url
from rising_bsm.errors import Error
from rising_bsm.runtime.egress import FetchRequest, PluginEgress
from rising_bsm.runtime.functions.http import Fetch
from support.outside import Names, answer, fetch, make_egress, make_places, outside, redirect
from support.ssrf import ADDRESSES, LEADING, REDIRECTS, SPELLINGS, Trick

pytestmark = pytest.mark.anyio


def by_name(trick: Trick) -> str:
    return trick.name


def named_all_the_same(url: str) -> tuple[NetworkRequest, ...]:
    """What a manifest would name if nothing looked at it: the origin of this very address."""
    try:
        origin = parse_url(url)
    except ValueError:
        return ()
    place = f"{origin.scheme}://{origin.authority}/"
    return (NetworkRequest.model_construct(url=place, methods=("GET",), reason="A test needs it."),)


async def ask(egress: PluginEgress, url: str) -> None:
    """As a plugin asks: through the arguments of the host function."""
    asked = Fetch.of({"method": "GET", "url": url})
    await egress.fetch(FetchRequest("GET", parse_url(asked.url), {}, b""), 5)


async def code_of(egress: PluginEgress, url: str) -> str:
    with pytest.raises(Error) as refusal:
        await ask(egress, url)
    assert refusal.value.message
    assert refusal.value.next_step
    return refusal.value.code


def test_the_shelf_is_long() -> None:
    shelf = [*ADDRESSES, *SPELLINGS, *LEADING, *REDIRECTS]
    assert len(shelf) >= 60
    assert len({(trick.name, trick.url) for trick in shelf}) == len(shelf)


@pytest.mark.parametrize("trick", ADDRESSES, ids=by_name)
async def test_no_spelling_of_an_address_at_home_is_asked(trick: Trick) -> None:
    assert await code_of(make_egress(named_all_the_same(trick.url), allowed=()), trick.url) == trick.code


@pytest.mark.parametrize("trick", ADDRESSES, ids=by_name)
def test_no_manifest_can_name_an_address_at_home(trick: Trick) -> None:
    with pytest.raises(ValueError, match="must"):
        make_places(trick.url)


@pytest.mark.parametrize("trick", SPELLINGS, ids=by_name)
async def test_no_spelling_leads_beyond_what_the_manifest_names(trick: Trick) -> None:
    names = Names({"good.example": [["8.8.8.8"]]})
    assert await code_of(make_egress(make_places("http://good.example/v1/"), names), trick.url) == trick.code
    assert names.asked == []


@pytest.mark.parametrize("trick", LEADING, ids=by_name)
async def test_a_name_that_leads_home_is_not_followed(trick: Trick) -> None:
    names = Names({"good.example": [trick.url.split()]})
    egress = make_egress(make_places("http://good.example/"), names, allowed=())
    assert await code_of(egress, "http://good.example/") == trick.code


@pytest.mark.parametrize("trick", REDIRECTS, ids=by_name)
async def test_no_redirect_leads_beyond_what_the_manifest_names(trick: Trick) -> None:
    async with outside() as server:
        server.answers = {"/allowed/start": redirect(trick.url), "/admin": answer(b"secret")}
        places = make_places(server.url("/allowed/"), "http://inside.example/")
        names = Names({"outside.example": [["127.0.0.1"]], "inside.example": [["10.0.0.1"]]})
        assert await code_of(make_egress(places, names), server.url("/allowed/start")) == trick.code
        assert not [head for head in server.seen if not head.startswith("GET /allowed/start ")]


async def test_a_name_that_changes_its_mind_is_asked_once_for_a_request() -> None:
    async with outside(x=answer(b"here")) as server:
        names = Names({"outside.example": [["127.0.0.1"], ["127.0.0.2"]]})
        egress = make_egress(make_places(server.url()), names)
        assert (await fetch(egress, server.url("/x"))).body == b"here"
        assert names.asked == ["outside.example"]


async def test_a_name_that_changes_its_mind_before_a_redirect_is_refused() -> None:
    async with outside(start=redirect("/x"), x=answer(b"here")) as server:
        names = Names({"outside.example": [["127.0.0.1"], ["127.0.0.2"]]})
        egress = make_egress(make_places(server.url()), names)
        assert await code_of(egress, server.url("/start")) == "http.address_refused"
        assert len(server.seen) == 1


async def test_what_the_administrator_allows_is_reached_and_nothing_else_at_home() -> None:
    async with outside(x=answer(b"here")) as server:
        egress = make_egress(make_places(server.url()))
        assert (await fetch(egress, server.url("/x"))).body == b"here"
        assert await code_of(make_egress(make_places(server.url()), allowed=()), server.url("/x")) == (
            "http.address_refused"
        )


async def test_an_allowed_network_allows_no_place_that_the_manifest_does_not_name() -> None:
    async with outside(start=redirect("http://127.0.0.1/")) as server:
        egress = make_egress(make_places(server.url()))
        assert await code_of(egress, server.url("/start")) == "http.not_allowed"


async def test_the_proxies_of_the_machine_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with outside(x=answer(b"here")) as server, outside() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await fetch(make_egress(make_places(server.url())), server.url("/x"))).body == b"here"
        assert proxy.seen == []
