"""Texts, days, hours, numbers and money, as whoever reads the page is used to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from rising_bsm.accounts import Role
from rising_bsm.web import i18n
from rising_bsm.web.preferences import COOKIE, Preferences
from rising_bsm.web.sentences import told
from support.web import PASSWORD, Instance

WINTER, SUMMER = datetime(2026, 12, 24, 13, 30, tzinfo=UTC), datetime(2026, 7, 1, 22, 30, tzinfo=UTC)


@contextmanager
def reader(language: str = "de", time_zone: str = "Europe/Berlin") -> Iterator[None]:
    with i18n.speaking(Preferences(language=language, time_zone=time_zone)):
        yield


@pytest.mark.parametrize(
    ("language", "zone", "moment", "said"),
    [
        ("en", "UTC", WINTER, ("24 Dec 2026", "13:30")),
        ("de", "Europe/Berlin", WINTER, ("24.12.2026", "14:30")),
        ("de", "Europe/Berlin", SUMMER, ("02.07.2026", "00:30")),
        ("en", "America/New_York", SUMMER, ("1 Jul 2026", "18:30")),
        ("de", "Asia/Kathmandu", WINTER, ("24.12.2026", "19:15")),
    ],
)
def test_a_moment_is_told_on_the_clocks_of_the_reader(
    language: str, zone: str, moment: datetime, said: tuple[str, str]
) -> None:
    with reader(language, zone):
        assert (i18n.as_date(moment), i18n.as_time(moment)) == said
        assert (i18n.as_date(moment.isoformat()), i18n.as_time(moment.isoformat())) == said
        assert all(part in i18n.as_moment(moment) for part in said)


def test_both_hours_of_the_night_in_which_the_clocks_are_put_back_have_the_same_name() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with reader():
        assert [i18n.as_time(first + timedelta(hours=hours)) for hours in range(3)] == ["02:30", "02:30", "03:30"]


def test_no_hour_is_told_that_was_left_out_when_the_clocks_were_put_forward() -> None:
    first = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    with reader():
        assert [i18n.as_time(first + timedelta(hours=hours)) for hours in range(2)] == ["01:30", "03:30"]


def test_a_day_without_an_hour_is_the_same_day_everywhere() -> None:
    with reader(time_zone="Pacific/Kiritimati"):
        assert i18n.as_date(date(2026, 12, 24)) == "24.12.2026"


@pytest.mark.parametrize(
    ("language", "number", "money", "month"),
    [("en", "1,234.5", "€1,234.50", "November 2026"), ("de", "1.234,5", "1.234,50\xa0€", "November 2026")],
)
def test_numbers_money_and_months(language: str, number: str, money: str, month: str) -> None:
    with reader(language):
        assert (i18n.as_number(1234.5), i18n.as_currency(1234.5, "EUR")) == (number, money)
        assert i18n.as_skeleton(date(2026, 11, 23), "yMMMM") == month


def test_how_long_ago_it_was() -> None:
    ago = datetime.now(UTC) - timedelta(hours=3)
    with reader():
        assert i18n.as_ago(ago) == "vor 3 Stunden"
        assert i18n.as_ago(ago + timedelta(days=3)) == "in 3 Tagen"
        assert (i18n.as_ago(None), i18n.as_moment(None), i18n.as_date(None), i18n.as_time("")) == ("", "", "", "")


def test_texts_and_plurals_are_german_and_what_nobody_translated_stays() -> None:
    with reader():
        assert i18n.gettext("Customers") == "Kunden"
        said = [i18n.ngettext("%(n)s day", "%(n)s days", number) % {"n": number} for number in (0, 1, 2)]
        assert said == ["0 Tage", "1 Tag", "2 Tage"]
        assert i18n.gettext("Acme, the plugin") == "Acme, the plugin"
    assert i18n.gettext("Customers") == "Customers"


def test_sentences_of_errors_are_german_with_what_they_name() -> None:
    with reader():
        assert told("This must have at most 200 characters.") == "Das darf höchstens 200 Zeichen haben."
        assert told("There is no service request with this id.") == "Unter dieser ID gibt es nichts (Anfrage)."
        assert told("A sentence that nobody knows.") == "A sentence that nobody knows."
        assert told(None) == ""
    assert told("This must not be empty.") == "This must not be empty."


def test_what_a_plugin_refuses_is_said_in_its_own_words() -> None:
    with reader():
        assert told("This must not be empty.", "customers.invalid") == "Das darf nicht leer sein."
        assert told("This must not be empty.", "plugin.refused") == "This must not be empty."


@pytest.mark.anyio
async def test_pages_are_in_the_language_that_the_browser_asks_for_or_that_was_chosen(instance: Instance) -> None:
    browser = await instance.browser(Role.ADMIN)
    browser.headers["Accept-Language"] = "de-AT,de;q=0.9,en;q=0.5"
    assert '<html lang="de"' in (await browser.get("/customers")).text

    chosen = {"language": "en", "theme": "auto", "time_zone": "UTC"}
    assert (await browser.post("/me/preferences", data=chosen)).status_code == 303
    assert COOKIE in browser.cookies
    assert '<html lang="en"' in (await browser.get("/customers")).text
    await browser.post("/me/preferences", data=chosen | {"language": "de"})
    browser.headers["Accept-Language"] = "fr"
    page = await browser.get("/customers")
    assert '<html lang="de"' in page.text
    assert "Kunden" in page.text


@pytest.mark.anyio
async def test_errors_are_told_in_german_on_forms_and_on_pages(instance: Instance) -> None:
    browser = await instance.browser(Role.ADMIN)
    browser.headers.update({"Accept-Language": "de", "Accept": "text/html"})
    form = await browser.post("/customers/new", data={"name": ""})
    missing = await browser.get("/nowhere")
    assert form.status_code == 422
    assert "Das darf nicht leer sein." in form.text
    assert missing.status_code == 404
    assert "Unter dieser Adresse gibt es nichts." in missing.text


@pytest.mark.anyio
async def test_programs_read_errors_as_they_are_documented(instance: Instance) -> None:
    async with instance.visitor(**{"Accept-Language": "de"}) as program:
        answer = await program.post("/api/session", json={"email": "a@b.example", "password": PASSWORD})
    assert answer.json()["message"] == "The e-mail address or the password is wrong."
