import pytest

from rising_bsm.bundle.offer import CATEGORIES
from rising_bsm.errors import NotFound
from support.catalogue import Shelf

pytestmark = pytest.mark.anyio


async def test_an_entry_says_who_publishes_it(shelf: Shelf) -> None:
    await shelf.register("acme", display_name="Acme Inc.")
    await shelf.publish()
    await shelf.publish(publisher="globex")
    entries = {item["id"]: item["publisher"] for item in (await shelf.catalogue.search({}))["items"]}
    assert entries["acme.hello"] == {"name": "acme", "display_name": "Acme Inc.", "verified": True}
    assert entries["globex.hello"] == {"name": "globex", "display_name": "globex", "verified": False}


async def test_one_plugin_with_all_there_is_to_know(shelf: Shelf) -> None:
    permissions = [{"code": "customers.read", "reason": "To count."}]
    network = [{"url": "https://api.acme.example/", "methods": ["GET"], "reason": "To ask."}]
    await shelf.publish(
        permissions=permissions,
        network=network,
        homepage="https://acme.example",
        readme="# Hello",
        changelog="First.",
        installs=7,
        rating_count=2,
        rating_sum=9,
    )
    detail = await shelf.catalogue.plugin("acme.hello")
    assert (detail["permissions"], detail["network"]) == (permissions, network)
    assert (detail["homepage"], detail["support"], detail["readme"]) == ("https://acme.example", None, "# Hello")
    assert (detail["installs"], detail["rating"], detail["rating_count"]) == (7, 4.5, 2)
    [version] = detail["versions"]
    assert (version["version"], version["changelog"], version["status"]) == ("1.0.0", "First.", "published")
    assert (version["host"], version["encrypted"], version["blob_size"]) == (">=0.1,<1", False, 3)


async def test_categories_are_counted_with_those_that_are_empty(shelf: Shelf) -> None:
    for name, category in (("a", "finance"), ("b", "finance"), ("c", "tools")):
        await shelf.publish(name, category=category, tags=["common", name])
    await shelf.approve("d", category="finance", tags=["hidden"])
    found = await shelf.catalogue.categories()
    counts = {item["name"]: item["count"] for item in found["items"]}
    assert tuple(counts) == CATEGORIES
    assert {name: count for name, count in counts.items() if count} == {"finance": 2, "tools": 1}
    expected = [("common", 3), ("a", 1), ("b", 1), ("c", 1)]
    assert [(tag["name"], tag["count"]) for tag in found["tags"]] == expected


async def test_a_publisher_shows_what_it_says_and_not_its_mailbox(shelf: Shelf) -> None:
    await shelf.register("acme", website="https://acme.example", email="a@acme.example")
    await shelf.publish("a")
    await shelf.approve("b")
    found = await shelf.catalogue.publisher("acme")
    assert (found["name"], found["website"], found["verified"], found["plugins"]) == (
        *("acme", "https://acme.example", True),
        1,
    )
    assert "email" not in found
    with pytest.raises(NotFound):
        await shelf.catalogue.publisher("nobody")


@pytest.mark.parametrize("plugin_id", ["acme.other", "", "' OR 1=1 --", "\udcff", "x" * 9_999])
async def test_what_is_not_there_is_not_found(shelf: Shelf, plugin_id: str) -> None:
    for ask in (shelf.catalogue.plugin, shelf.catalogue.versions):
        with pytest.raises(NotFound):
            await ask(plugin_id)


async def test_one_version_with_what_it_asks_for_and_adds(shelf: Shelf) -> None:
    await shelf.register("acme")
    exports = {"before": [{"hook": "customers.create", "handler": "check", "order": 5}]}
    asks = [{"code": "customers.read", "reason": "To look."}]
    await shelf.publish(permissions=asks, exports=exports)
    await shelf.publish(version="1.1.0")
    found = await shelf.catalogue.version("acme.hello", "1.0.0")
    assert (found["version"], found["permissions"]) == ("1.0.0", asks)
    assert found["exports"]["before"] == exports["before"]
    assert (found["plugin"]["latest_version"], found["publisher"]["verified"]) == ("1.1.0", True)
    await shelf.approve(version="2.0.0")
    for number in ("2.0.0", "x", "\0"):
        with pytest.raises(NotFound) as refused:
            await shelf.catalogue.version("acme.hello", number)
        assert refused.value.code == "catalogue.no_version"
