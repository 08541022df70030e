"""What a plugin says of itself for the marketplace, and its pictures."""

from pathlib import Path
from typing import Any

import pytest

from rising_bsm.bundle import BundleError, open_bundle, pack, read_project
from rising_bsm.bundle.manifest import make_manifest as manifest_of
from rising_bsm.bundle.manifest import parse_manifest
from support.bundles import make_files, make_key, make_manifest, make_project, make_signed_bundle, refusal, trust

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
WEBP = b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 20


def wrong_fields(**changes: Any) -> set[str]:
    with pytest.raises(BundleError) as refused:
        make_manifest(**changes)
    return set(refused.value.fields)


def test_all_of_it_is_optional() -> None:
    manifest = make_manifest()
    assert (manifest.category, manifest.tags, manifest.homepage, manifest.support) == ("other", (), None, None)
    assert (manifest.pricing.model, manifest.pricing.trial_days) == ("free", 0)


def test_a_manifest_from_before_there_was_a_marketplace_is_read() -> None:
    old = make_manifest().model_dump(mode="json")
    for key in ("category", "tags", "pricing", "homepage", "support"):
        del old[key]
    assert manifest_of(old) == make_manifest()


def test_what_is_said_comes_back_from_the_bytes() -> None:
    said = {
        "category": "finance",
        "tags": ["invoices", "vat"],
        "pricing": {"model": "paid", "trial_days": 90},
        "homepage": "https://acme.example:8443/hello?a=b#c",
        "support": "mailto:help+hello@acme.example",
    }
    assert parse_manifest(make_manifest(**said).to_bytes()) == make_manifest(**said)


@pytest.mark.parametrize("text", ["https://acme.example", "https://acme.example/help", "https://acme.example:8443/"])
def test_good_links(text: str) -> None:
    assert make_manifest(homepage=text, support=text).homepage == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme.example",
        "http://acme.example",
        "HTTPS://acme.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https:///x",
        "https://user@acme.example",
        "https://acme.example\\@evil.example",
        'https://acme.example/">',
        "https://acme.example/ x",
        "https://acme.example/\n",
        "https://äcme.example/",
        "https://acme.example:0/",
        "https://acme.example:port/",
        "https://[::1",
        "https://acme.example/" + "x" * 300,
    ],
)
def test_bad_links(text: str) -> None:
    assert wrong_fields(homepage=text) == {"homepage"}
    assert wrong_fields(support=text) == {"support"}


@pytest.mark.parametrize(
    "text", ["mailto:", "mailto:a", "mailto:a@b", "mailto:a@b.example?subject=x", "mailto:a@b.example,c@d.example"]
)
def test_bad_mailboxes(text: str) -> None:
    assert wrong_fields(support=text) == {"support"}


def test_a_homepage_is_no_mailbox() -> None:
    assert wrong_fields(homepage="mailto:a@b.example") == {"homepage"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "games"}, "category"),
        ({"tags": ["Loud"]}, "tags[0]"),
        ({"tags": ["a", "b", "a"]}, "tags"),
        ({"tags": [f"t{n}" for n in range(11)]}, "tags"),
        ({"pricing": {"model": "cheap"}}, "pricing.model"),
        ({"pricing": {"model": "paid", "trial_days": 91}}, "pricing.trial_days"),
        ({"pricing": {"model": "paid", "trial_days": -1}}, "pricing.trial_days"),
        ({"pricing": {"model": "paid", "trial_days": True}}, "pricing.trial_days"),
        ({"pricing": {"model": "free", "trial_days": 1}}, "pricing"),
        ({"pricing": {"model": "paid", "price": 3}}, "pricing.price"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], field: str) -> None:
    assert wrong_fields(**changes) == {field}


def test_it_is_read_from_pyproject(tmp_path: Path) -> None:
    lines = 'category = "finance"\ntags = ["vat"]\npricing = { model = "paid", trial-days = 14 }\n'
    folder = make_project(tmp_path, tool=f'{lines}homepage = "https://acme.example"\nsupport = "mailto:a@b.example"')
    manifest = read_project(folder).manifest_draft
    assert (manifest.category, manifest.tags, manifest.pricing.trial_days) == ("finance", ("vat",), 14)
    assert (manifest.homepage, manifest.support) == ("https://acme.example", "mailto:a@b.example")


def test_a_wrong_key_of_the_pricing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError.__base__) as refused:  # type: ignore[arg-type] # InvalidInput
        read_project(make_project(tmp_path, tool='pricing = { model = "paid", trial_days = 14 }'))
    assert "did you mean trial-days?" in str(refused.value)


def test_screenshots_are_part_of_the_bundle(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    (folder / "screenshots").mkdir()
    (folder / "screenshots" / "1.png").write_bytes(PNG)
    (folder / "screenshots" / "2.webp").write_bytes(WEBP)
    project = read_project(folder)
    assert {"screenshots/1.png", "screenshots/2.webp"} <= set(project.files)
    assert pack(project.manifest_draft, project.files)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"screenshots/1.png": PNG, "screenshots/2.webp": WEBP}, None),
        ({f"screenshots/{n}.png": PNG for n in range(6)}, None),
        ({f"screenshots/{n}.png": PNG for n in range(7)}, "bundle.screenshot"),
        ({"screenshots/1.png": WEBP}, "bundle.screenshot"),
        ({"screenshots/1.webp": b"RIFF"}, "bundle.screenshot"),
        ({"screenshots/1.png": b"<svg onload=alert(1)>"}, "bundle.screenshot"),
        ({"screenshots/1.png": PNG + b"\0" * 1_000_000}, "bundle.screenshot"),
        ({"screenshots/1.svg": b"<svg/>"}, "bundle.unexpected_file"),
        ({"screenshots/a/1.png": PNG}, "bundle.unexpected_file"),
        ({"screenshots/.png": PNG}, "bundle.unexpected_file"),
        ({"screenshots/1.PNG": PNG}, "bundle.unexpected_file"),
        ({"shots/1.png": PNG}, "bundle.unexpected_file"),
    ],
)
def test_only_pictures_are_screenshots(files: dict[str, bytes], code: str | None) -> None:
    assert refusal(lambda: pack(make_manifest(), make_files(files))) == code


def test_nobody_else_publishes_as_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = make_manifest(publisher="rising-bsm", name="marketplace")
    assert refusal(lambda: pack(ours, make_files())) == "plugins.reserved_publisher"
    with monkeypatch.context() as without_the_check:
        without_the_check.setattr("rising_bsm.bundle.contents.check_publisher", lambda _publisher: None)
        bundle = make_signed_bundle(manifest=ours)
        assert open_bundle(bundle, trust(make_key(), "rising-bsm")).manifest == ours
    assert refusal(open_bundle, bundle, trust(make_key(), "rising-bsm")) == "plugins.reserved_publisher"
