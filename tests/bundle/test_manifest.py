import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from rising_bsm.bundle import BundleError, Manifest
from rising_bsm.bundle.manifest import make_manifest as manifest_of
from rising_bsm.bundle.manifest import parse_manifest
from support.bundles import make_manifest, refusal

NUMBER = st.integers(0, 10**9 - 1)
PREVIEW = st.none() | st.tuples(st.sampled_from(["alpha", "beta", "rc"]), NUMBER)
ROUTE = {"method": "GET", "path": "/stats", "handler": "stats", "permission": None}


READING = {"code": "customers.read", "reason": "To look at them."}


def problems(**changes: Any) -> dict[str, str]:
    """What is wrong with a manifest that is good but for these values."""
    values = make_manifest().model_dump(mode="json") | changes
    with pytest.raises(BundleError) as refused:
        manifest_of(values)
    assert refused.value.code == "bundle.manifest"
    for field in refused.value.fields:
        assert field in refused.value.message
    return refused.value.fields


def exports(**changes: Any) -> Manifest:
    return make_manifest(permissions=[READING]).with_exports({"routes": [], "before": [], "lifecycle": []} | changes)


def test_a_manifest_comes_back_from_its_bytes() -> None:
    manifest = make_manifest(permissions=[{"code": "customers.read", "reason": "To count."}])
    assert parse_manifest(manifest.to_bytes()) == manifest
    assert manifest.id == "acme.hello"


def test_every_problem_is_reported_at_once_with_its_field() -> None:
    found = problems(
        publisher="Acme",
        version="1.0",
        type="other",
        permissions=[{"code": "Customers", "reason": "x"}, {"code": "customers.read"}],
        resources={"resident": 1, "memory_mib": 1024},
        exports={"routes": [{**ROUTE, "path": "stats"}]},
        colour="red",
    )
    assert set(found) == {
        *("publisher", "version", "type", "permissions[0].code", "permissions[1].reason"),
        *("resources.resident", "resources.memory_mib", "exports.routes[0].path", "colour"),
    }
    assert found["permissions[1].reason"] == "is required"
    assert found["type"] == "must be 'ui', 'api', 'automation' or 'mixed'"
    assert found["resources.memory_mib"] == "must be less than or equal to 512"


def test_an_unknown_key_is_answered_with_the_one_that_was_meant() -> None:
    assert problems(permisions=[])["permisions"] == "is not a known key; did you mean permissions?"
    assert problems(zzz=1)["zzz"] == "is not a known key"


MAY_BE_LEFT_OUT = {
    *("format", "permissions", "optional_permissions", "network", "settings", "frames"),
    *("dependencies", "conflicts", "resources", "exports"),
    *("category", "tags", "pricing", "homepage", "support"),
}


@pytest.mark.parametrize("key", sorted(set(Manifest.model_fields) - MAY_BE_LEFT_OUT))
def test_a_missing_key_is_named(key: str) -> None:
    values = make_manifest().model_dump(mode="json")
    del values[key]
    with pytest.raises(BundleError) as refused:
        manifest_of(values)
    assert refused.value.fields == {key: "is required"}


@pytest.mark.parametrize("slug", ["a", "acme", "a-b-c", "a1-2", "a" * 40])
def test_good_slugs(slug: str) -> None:
    assert make_manifest(publisher=slug, name=slug).id == f"{slug}.{slug}"


@pytest.mark.parametrize("slug", ["", "A", "1a", "-a", "a-", "a--b", "a.b", "a_b", "ä", "a\n", "a" * 41, 3, None])
def test_bad_slugs(slug: Any) -> None:
    assert set(problems(publisher=slug, name=slug)) == {"publisher", "name"}


@pytest.mark.parametrize("version", ["0.0.0", "1.2.3", "10.20.30", "1.0.0-rc.1", "1.0.0-alpha.0"])
def test_good_versions(version: str) -> None:
    assert make_manifest(version=version).version == version


@pytest.mark.parametrize(
    "version",
    [
        "1",
        "1.0",
        "1.0.0.0",
        "01.0.0",
        "1.0.0rc1",
        "1.0.0-rc1",
        "1.0.0-x.1",
        "v1.0.0",
        "1.0.0+a",
        "1.0.0\n",
        "١.0.0",
        "1" * 99,
        1,
    ],
)
def test_bad_versions(version: Any) -> None:
    assert set(problems(version=version)) == {"version"}


@given(*[st.tuples(NUMBER, NUMBER, NUMBER, PREVIEW)] * 2)
def test_versions_have_the_order_of_semantic_versioning(left: tuple[Any, ...], right: tuple[Any, ...]) -> None:
    def text(version: tuple[Any, ...]) -> str:
        preview = version[3]
        return ".".join(map(str, version[:3])) + (f"-{preview[0]}.{preview[1]}" if preview else "")

    def rank(version: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*version[:3], version[3] is None, version[3] or ())

    manifests = [make_manifest(version=text(version)) for version in (left, right)]
    assert (Version(manifests[0].version) < Version(manifests[1].version)) == (rank(left) < rank(right))


@pytest.mark.parametrize(
    ("host", "version", "supported"),
    [
        (">=0.1,<1", "0.9", True),
        (">=0.1,<1", "0.10", True),
        (">=0.9,<1", "0.10.0", True),
        (">=0.1,<1", "1.0", False),
        (">=0.2", "0.1.9", False),
        ("~=0.1", "0.1.0", True),
        (">=0.1,<1", "0.2.0rc1", True),
    ],
)
def test_the_host_range_is_compared_by_number(host: str, version: str, supported: bool) -> None:
    assert make_manifest(host=host).supports(version) is supported


@pytest.mark.parametrize("host", ["", "0.1", ">=x", "===0.1", ">=0.1,===0.2", None])
def test_bad_host_ranges(host: Any) -> None:
    assert set(problems(host=host)) == {"host"}


@pytest.mark.parametrize("path", ["/", "/a", "/a/b-c/d.e~f_g", "/customers/{customer_id}/points/{n}"])
def test_good_route_paths(path: str) -> None:
    assert exports(routes=[{**ROUTE, "path": path}]).exports.routes[0].path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a",
        "//",
        "/a/",
        "/a//b",
        "/a b",
        "/{}",
        "/{a-b}",
        "/{a}/{a}",
        "/..",
        "/a/./b",
        "/%2e",
        "/a?b",
        "/ä",
        "/a\n",
        "/{a}b",
    ],
)
def test_bad_route_paths(path: str) -> None:
    assert refusal(lambda: exports(routes=[{**ROUTE, "path": path}])) == "bundle.manifest"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_good_methods(method: str) -> None:
    assert exports(routes=[{**ROUTE, "method": method}]).exports.routes[0].method == method


@pytest.mark.parametrize(
    "bad",
    [
        {"routes": [{**ROUTE, "method": "TRACE"}]},
        {"routes": [{**ROUTE, "method": "get"}]},
        {"routes": [{**ROUTE, "handler": "a.b"}]},
        {"routes": [{**ROUTE, "permission": "customers"}]},
        {"routes": [{**ROUTE, "permission": "Customers.read"}]},
        {"routes": [ROUTE, ROUTE]},
        {"routes": [{**ROUTE, "path": "/{a}"}, {**ROUTE, "path": "/{b}"}]},
        {"routes": [{**ROUTE, "path": f"/{n}"} for n in range(501)]},
        {"before": [{"hook": "customers.read", "handler": "check"}]},
        {"before": [{"hook": "customers.create", "handler": "check"}] * 2},
        {"lifecycle": ["on_start"]},
        {"lifecycle": ["on_install", "on_install"]},
        {"afterwards": []},
        {"routes": "GET"},
    ],
)
def test_bad_exports(bad: dict[str, Any]) -> None:
    assert refusal(lambda: exports(**bad)) == "bundle.manifest"


@pytest.mark.parametrize("depth", [300, 100_000])
def test_deeply_nested_exports_are_refused(depth: int) -> None:
    nested: list[Any] = []
    for _ in range(depth):
        nested = [nested]
    assert refusal(lambda: exports(routes=nested)) == "bundle.manifest"


def test_a_hook_takes_the_permission_to_read_what_it_is_shown() -> None:
    hook = {"before": [{"hook": "customers.create", "handler": "check"}]}
    with pytest.raises(BundleError, match=r"customers\.read"):
        make_manifest(permissions=[]).with_exports(hook)
    assert make_manifest(permissions=[READING]).with_exports(hook).exports.before


def test_public_routes_take_the_permission_to_have_them() -> None:
    public = {**ROUTE, "public": True}
    asked = [{"code": "routes.public", "reason": "Forms on our website."}]
    assert problems(exports={"routes": [public]}) == {
        "": "must ask for the permission routes.public, as its route GET /stats is public"
    }
    for part in ("permissions", "optional_permissions"):
        assert make_manifest(exports={"routes": [public]}, **{part: asked}).exports.routes[0].public
    assert not make_manifest(exports={"routes": [ROUTE]}).exports.routes[0].public


def test_a_public_route_needs_no_permission_of_its_caller() -> None:
    both = {**ROUTE, "public": True, "permission": "customers.read"}
    assert problems(exports={"routes": [both]}) == {
        "exports.routes[0]": "must be public or need a permission, not both: strangers have none"
    }


def test_good_exports() -> None:
    manifest = exports(
        routes=[ROUTE, {**ROUTE, "method": "POST", "permission": "customers.update"}],
        before=[{"hook": f"customers.{verb}", "handler": "check"} for verb in ("create", "update", "delete")],
        lifecycle=["on_install", "on_activate", "on_deactivate", "on_uninstall"],
    )
    assert parse_manifest(manifest.to_bytes()) == manifest


@pytest.mark.parametrize("text", ["", " a", "a\nb", "\x1b[31m", "a\u202eb", "\u200b", "x" * 1000, 5])
def test_texts_that_people_read_cannot_deceive_them(text: Any) -> None:
    assert set(problems(display_name=text, description=text)) == {"display_name", "description"}
    assert set(problems(permissions=[{"code": "customers.read", "reason": text}])) == {"permissions[0].reason"}


def test_a_permission_is_asked_for_once() -> None:
    twice = [{"code": "customers.read", "reason": "One."}, {"code": "customers.read", "reason": "Two."}]
    assert "customers.read" in problems(permissions=twice)["permissions"]


@pytest.mark.parametrize(
    ("text", "hint"), [("mit", "MIT"), ("Apache 2", "SPDX"), ("GPL", "SPDX"), ("", "SPDX"), ({"text": "MIT"}, "string")]
)
def test_a_licence_is_an_spdx_expression(text: Any, hint: str) -> None:
    assert hint in problems(license=text)["license"]


@pytest.mark.parametrize(
    "main", ["hello", "hello:", ":Hello", "hello:Hello.x", "a-b:C", "a..b:C", "a:1", "a:b:c", "é:B"]
)
def test_bad_main(main: str) -> None:
    assert set(problems(main=main)) == {"main"}


@given(st.binary(max_size=100))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert str(refusal(parse_manifest, data)).startswith("bundle.")


@given(
    st.sampled_from(sorted(Manifest.model_fields)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
)
def test_any_value_of_any_field_is_good_or_a_problem_of_that_field(field: str, value: Any) -> None:
    values = make_manifest().model_dump(mode="json") | {field: value}
    try:
        assert manifest_of(values).model_dump(mode="json").keys() == values.keys()
    except BundleError as error:
        assert all(path.startswith(field) for path in error.fields)  # noqa: PT017


def test_a_manifest_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        make_manifest().version = "2.0.0"  # type: ignore[misc]


def test_the_bytes_name_every_field_so_that_a_default_can_change_without_changing_old_bundles() -> None:
    assert set(json.loads(make_manifest().to_bytes())) == set(Manifest.model_fields)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dependencies": {"base": ">=1"}}, "dependencies"),
        ({"dependencies": {"acme.base": "newest"}}, "dependencies.acme.base"),
        ({"dependencies": {"acme.hello": ">=1"}}, ""),
        ({"dependencies": ["acme.base"]}, "dependencies"),
        ({"conflicts": ["acme.other", "acme.other"]}, "conflicts"),
        ({"conflicts": ["other"]}, "conflicts[0]"),
        ({"conflicts": ["acme.hello"]}, ""),
        ({"conflicts": ["acme.base"], "dependencies": {"acme.base": ">=1"}}, ""),
    ],
)
def test_what_a_plugin_may_not_say_of_others(changes: dict[str, Any], field: str) -> None:
    [(where, sentence)] = problems(**changes).items()

    assert where.startswith(field)
    assert sentence.startswith("must")


def test_a_plugin_names_the_others_that_it_needs_and_those_it_cannot_be_beside() -> None:
    manifest = make_manifest(dependencies={"acme.base": ">=1.2,<2"}, conflicts=["acme.other"])

    assert parse_manifest(manifest.to_bytes()) == manifest
