"""What a manifest may say of the network."""

from pathlib import Path
from typing import Any

import pytest

from rising_bsm.bundle import BundleError, ProjectError, read_project
from support.bundles import make_manifest, make_project

PLACE: dict[str, Any] = {"url": "https://api.example.com/v1/", "methods": ["GET"], "reason": "To read rates."}


def refused(*network: Any) -> dict[str, str]:
    with pytest.raises(BundleError) as refusal:
        make_manifest(network=list(network))
    return dict(refusal.value.fields)


def test_a_manifest_names_places_methods_and_reasons() -> None:
    (place,) = make_manifest(network=[PLACE]).network
    assert (place.url, place.methods, place.reason) == ("https://api.example.com/v1/", ("GET",), "To read rates.")
    assert make_manifest().network == ()


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"url": "https://API.example.com/v1/"}, "url", "must be spelled https://api.example.com/v1/"),
        ({"url": "https://api.example.com"}, "url", "must be spelled https://api.example.com/"),
        ({"url": "https://api.example.com:443/"}, "url", "must be spelled https://api.example.com/"),
        ({"url": "https://*.example.com/"}, "url", "must have a host of ASCII"),
        ({"url": "https://b\u00fccher.example/"}, "url", "must be an address in ASCII"),
        ({"url": "https://api.example.com/?q=1"}, "url", "without a question mark"),
        ({"url": "http://10.0.0.1/"}, "url", "must be a name or a public address"),
        ({"url": "http://[::1]/"}, "url", "must be a name or a public address"),
        ({"url": "ftp://api.example.com/"}, "url", "must be an address such as"),
        ({"methods": ["get"]}, "methods[0]", "must be 'GET'"),
        ({"methods": ["GET", "GET"]}, "methods", "must name each once"),
        ({"methods": []}, "methods", "must have at least 1 item"),
        ({"reason": ""}, "reason", "must have at least 1 character"),
        ({"port": 80}, "port", "is not a known key"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(wrong: dict[str, Any], field: str, sentence: str) -> None:
    fields = refused(PLACE | wrong)
    assert next(iter(fields)) == f"network[0].{field}"
    assert sentence in fields[f"network[0].{field}"]


def test_a_reason_is_required_and_a_place_is_named_once() -> None:
    assert refused({"url": PLACE["url"]}) == {"network[0].reason": "is required"}
    assert "twice" in refused(PLACE, PLACE)["network"]


def test_an_author_writes_it_into_pyproject(tmp_path: Path) -> None:
    def root_with(url: str) -> Path:
        root = tmp_path / url.partition("//")[2].partition("/")[0]
        root.mkdir()
        return make_project(root, tool=f'network = [{{ url = "{url}", reason = "To read rates." }}]')

    (place,) = read_project(root_with(PLACE["url"])).manifest_draft.network
    assert (place.url, place.methods) == (PLACE["url"], ("GET",))
    with pytest.raises(ProjectError) as refusal:
        read_project(root_with("http://127.0.0.1/"))
    assert list(refusal.value.fields) == ["[tool.rising-bsm] network[0].url"]
