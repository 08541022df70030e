import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.sandbox.jail import Strength
from rising_bsm.web.settings import BadSetting, Settings


def _read(**env: str) -> Settings:
    return Settings.from_environment({f"RISING_BSM_{name}": value for name, value in env.items()})


def test_nothing_said_is_an_instance_on_this_machine_alone() -> None:
    settings = Settings.from_environment({})
    assert (settings.host, settings.port, settings.demo) == ("127.0.0.1", 8000, False)
    assert settings.data_dir.name == "rising-bsm"
    assert settings.hosts == {"localhost", "127.0.0.1", "::1"}
    assert settings.url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("DATA", "/srv/bsm", "data_dir", Path("/srv/bsm")),
        ("DATABASE_URL", "postgresql://db/bsm", "database", "postgresql://db/bsm"),
        ("BASE_URL", "https://bsm.example.com/", "base_url", "https://bsm.example.com"),
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("PORT", "0", "port", 0),
        ("DEMO", "Yes", "demo", True),
        ("DEMO", "0", "demo", False),
        ("ADMIN_EMAIL", "a@b.de", "admin_email", "a@b.de"),
        ("ADMIN_PASSWORD", "correct horse", "admin_password", "correct horse"),
        ("WORKERS", " 4 ", "workers", 4),
        ("JAIL_MINIMUM", "Full", "jail_minimum", Strength.FULL),
        ("TRUSTED_PROXIES", "10.0.0.0/8,::1", "trusted_proxies", ("10.0.0.0/8", "::1/128")),
        ("EGRESS_ALLOW", "10.1.2.0/24,127.0.0.1", "egress_allow", ("10.1.2.0/24", "127.0.0.1/32")),
        ("ACCESS_LOG", "on", "access_log", True),
        ("MARKETPLACE_URL", "https://market.example.com/", "marketplace_url", "https://market.example.com"),
        ("MARKETPLACE_ROOT", "AB" * 32, "marketplace_root", "ab" * 32),
        ("BLOBS", "s3://bucket/some/prefix", "blob_store", "s3://bucket/some/prefix"),
        ("BLOBS", "/srv/blobs", "blob_store", "/srv/blobs"),
        ("DATA", "/srv/bsm", "blob_store", "/srv/bsm/marketplace/blobs"),
        ("PORT", "", "port", 8000),
    ],
)
def test_each_variable_is_read(variable: str, text: str, name: str, value: Any) -> None:
    assert getattr(_read(**{variable: text}), name) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "http"),
        ("PORT", "٨٠"),
        ("WORKERS", "1.5"),
        ("DEMO", "maybe"),
        ("MARKETPLACE_URL", "market.example.com"),
        ("MARKETPLACE_URL", "https://market.example.com/api"),
        ("MARKETPLACE_ROOT", "ab" * 31),
        ("MARKETPLACE_ROOT", "xy" * 32),
        ("BLOBS", "s3://"),
        ("BLOBS", "gs://bucket"),
        ("BLOBS", "https://bucket.example.com"),
        ("BASE_URL", "bsm.example.com"),
        ("BASE_URL", "ftp://bsm.example.com"),
        ("BASE_URL", "https://bsm.example.com/under/a/path"),
        ("BASE_URL", "https://"),
        ("JAIL_MINIMUM", "maximum"),
        ("TRUSTED_PROXIES", "proxy.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ],
)
def test_a_bad_value_is_refused_with_its_variable(variable: str, text: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        _read(**{variable: text})
    assert refusal.value.place == f"RISING_BSM_{variable}"
    assert text in refusal.value.message
    assert refusal.value.next_step


@given(st.sampled_from(["PORT", "WORKERS", "DEMO", "BASE_URL", "TRUSTED_PROXIES", "JAIL_MINIMUM"]), st.text())
def test_any_text_is_read_or_refused(variable: str, text: str) -> None:
    try:
        _read(**{variable: text})
    except BadSetting as refusal:
        assert refusal.place == f"RISING_BSM_{variable}"  # noqa: PT017


def test_what_is_said_on_the_command_line_wins() -> None:
    env = {"RISING_BSM_PORT": "1234", "RISING_BSM_HOST": "0.0.0.0"}
    settings = Settings.from_environment(env, port=80, host=None, data_dir=Path("here"))
    assert (settings.port, settings.host, settings.data_dir) == (80, "0.0.0.0", Path("here"))


def test_passwords_are_not_shown() -> None:
    settings = _read(ADMIN_PASSWORD="secret", DATABASE_URL="postgresql://user:secret@db/bsm")
    assert "secret" not in repr(settings)


def test_settings_reach_another_process_whole() -> None:
    settings = _read(PORT="1", JAIL_MINIMUM="none", TRUSTED_PROXIES="10.0.0.1")
    assert pickle.loads(pickle.dumps(settings)) == settings


@pytest.mark.parametrize(
    ("host", "url"), [("0.0.0.0", "http://127.0.0.1:1"), ("::", "http://[::1]:1"), ("10.0.0.5", "http://10.0.0.5:1")]
)
def test_the_url_is_one_that_can_be_opened(host: str, url: str) -> None:
    assert Settings(data_dir=Path(), host=host, port=1).url == url


def test_the_database_is_a_file_in_the_data_folder_unless_another_is_named(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).database == f"sqlite:///{tmp_path}/rising-bsm.sqlite3"


def test_who_listens_everywhere_answers_to_every_name_until_it_has_one() -> None:
    assert Settings(data_dir=Path(), host="0.0.0.0").hosts == frozenset()
    assert "bsm.example.com" in Settings(data_dir=Path(), host="0.0.0.0", base_url="https://bsm.example.com").hosts
