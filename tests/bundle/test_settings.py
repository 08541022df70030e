import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.bundle import BundleError
from rising_bsm.bundle.manifest import parse_manifest
from rising_bsm.bundle.settings import SettingField, changed
from support.bundles import make_manifest


def make_field(type: str = "text", **values: Any) -> SettingField:
    return SettingField.model_validate_json(json.dumps({"name": "it", "type": type, "label": "It"} | values))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (make_field("text", max_length=3), "abc"),
        (make_field("text_long"), "a\nb\tc"),
        (make_field("number"), 1.5),
        (make_field("number", minimum=-1), -1),
        (make_field("whole", maximum=3), 3),
        (make_field("yesno"), False),
        (make_field("choice", choices=["a", "b"]), "b"),
        (make_field("secret"), "s3cret"),
        (make_field("email"), "ada@x.example"),
        (make_field("url"), "https://x.example:8443/a?b"),
    ],
)
def test_what_a_setting_can_have(field: SettingField, value: Any) -> None:
    assert field.checked(value) == value
    assert changed((field,), {"it": value}) == ({"it": value}, {})


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        (make_field("text", max_length=3), "abcd", "must have at most 3 characters"),
        (make_field("text"), "", "must be text"),
        (make_field("text"), 5, "must be text"),
        (make_field("text"), "a\nb", "must be one line of text without control characters"),
        (make_field("text_long"), "a\x1b", "must be text without control characters"),
        (make_field("number"), "1", "must be a number"),
        (make_field("number"), True, "must be a number"),
        (make_field("number"), float("inf"), "must be a number"),
        (make_field("number"), float("nan"), "must be a number"),
        (make_field("whole"), 1.5, "must be a whole number"),
        (make_field("whole", minimum=2), 1, "must be at least 2"),
        (make_field("whole", maximum=2), 3, "must be at most 2"),
        (make_field("yesno"), 1, "must be true or false"),
        (make_field("choice", choices=["a", "b"]), "c", "must be one of a, b"),
        (make_field("secret"), "a\nb", "must be one line of text without control characters"),
        (make_field("email"), "ada", "must be an e-mail address"),
        (make_field("url"), "javascript:alert(1)", "must be an address such as https://www.example.com/"),
        (make_field("url"), "https://", "must be an address such as https://www.example.com/"),
        (make_field("url"), "http://x:99999/", "must be an address such as https://www.example.com/"),
    ],
)
def test_what_a_setting_cannot_have(field: SettingField, value: Any, sentence: str) -> None:
    assert changed((field,), {"it": value, "that": 1}) == ({}, {"it": sentence, "that": "is no setting of this plugin"})


@given(value=st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
@pytest.mark.parametrize("kind", ["text", "text_long", "number", "whole", "yesno", "secret", "email", "url"])
def test_whatever_comes_is_taken_or_named(kind: str, value: Any) -> None:
    good, wrong = changed((make_field(kind),), {"it": value})
    assert set(good) | set(wrong) == {"it"}
    assert not set(good) & set(wrong)


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"name": "Name"}, "settings[0].name"),
        ({"type": "colour"}, "settings[0].type"),
        ({"label": ""}, "settings[0].label"),
        ({"choices": ["a"]}, "settings[0]"),
        ({"type": "choice"}, "settings[0]"),
        ({"minimum": 1}, "settings[0]"),
        ({"type": "yesno", "max_length": 5}, "settings[0]"),
        ({"type": "whole", "minimum": 2, "maximum": 1}, "settings[0]"),
        ({"type": "whole", "default": "1"}, "settings[0]"),
        ({"type": "secret", "default": "s"}, "settings[0]"),
        ({"hint": "x"}, "settings[0].hint"),
    ],
)
def test_a_setting_that_cannot_be_is_named(values: dict[str, Any], where: str) -> None:
    with pytest.raises(BundleError) as caught:
        make_manifest(settings=[{"name": "it", "type": "text", "label": "It"} | values])
    assert set(caught.value.fields) == {where}


def test_settings_come_back_as_they_were() -> None:
    settings = [
        {"name": "greeting", "type": "text", "label": "Greeting", "help": "Shown first.", "default": "Hello"},
        {"name": "level", "type": "whole", "label": "Level", "minimum": 1, "maximum": 9, "required": True},
    ]
    manifest = make_manifest(settings=settings)

    assert parse_manifest(manifest.to_bytes()) == manifest
    assert [one.name for one in manifest.settings] == ["greeting", "level"]
    with pytest.raises(BundleError, match="greeting"):
        make_manifest(settings=[settings[0], settings[0]])


def test_a_permission_is_either_needed_or_optional() -> None:
    read, users = ({"code": code, "reason": "To read them."} for code in ("customers.read", "users.read"))
    assert make_manifest(permissions=[read], optional_permissions=[users]).optional_permissions[0].code == "users.read"
    with pytest.raises(BundleError, match=r"customers\.read either"):
        make_manifest(permissions=[read], optional_permissions=[read])
