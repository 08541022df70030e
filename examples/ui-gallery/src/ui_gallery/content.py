"""Numbers, charts, texts: what is only looked at."""

from rising_bsm_sdk import ui

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
VISITS = [12, 18, 9, None, 24, 31, 7]
BEFORE = [10, 11, 14, 12, 20, 22, 9]


def numbers() -> list[ui.Node]:
    """Stats side by side, badges in a row, how far things are."""
    return [
        ui.Grid(
            ui.Card(None, ui.Stat("Visits", 1284, change="+12 %", trend="good", hint="In the last 30 days")),
            ui.Card(None, ui.Stat("Waiting", 7, change="+3", trend="bad")),
            ui.Card(None, ui.Stat("Rating", "4.8 of 5", hint="From 36 customers")),
            columns=3,
        ),
        ui.Row(*(ui.Badge(tone, tone=tone) for tone in ("neutral", "info", "success", "warning", "danger"))),
        ui.Progress(64, label="Of this month's goal"),
    ]


def charts() -> list[ui.Node]:
    """Each kind of chart."""
    two = {"This week": VISITS, "Last week": BEFORE}
    return [
        ui.Grid(
            ui.Card(None, ui.Chart("bar", DAYS, two, title="Visits by day")),
            ui.Card(None, ui.Chart("line", DAYS, two, title="Visits through the week")),
            ui.Card(None, ui.Chart("area", DAYS, {"Hours": BEFORE}, title="Hours worked", unit="h")),
            ui.Card(None, ui.Chart("pie", ["Gold", "Silver", "None"], {"Members": [12, 34, 71]}, title="Levels")),
        ),
        ui.Row("Visits lately:", ui.Chart("sparkline", DAYS, {"Visits": BEFORE}, title="Visits lately")),
    ]


def texts() -> list[ui.Node]:
    """Every kind of text, and links to everywhere that links may lead."""
    return [
        ui.Alert("It is worth reading.", title="A message", tone="info"),
        ui.Alert("Something needs a look.", tone="warning"),
        ui.Alert("It is done.", tone="success"),
        ui.Alert("It cannot be undone.", tone="danger"),
        ui.Text("A text, on\ntwo lines."),
        ui.Text("A muted one.", style="muted"),
        ui.Markdown("**Markdown** with a [link](https://example.com/), a list:\n\n- one\n- two\n\nand `code`."),
        ui.Code('def hello():\n    return "world"'),
        ui.List("first", "second", ui.Badge("third", tone="info")),
        ui.Row(
            ui.Link("This page, page two", "gallery", query={"people.page": "2"}),
            ui.Link("Customers", "/customers"),
            ui.Link("Elsewhere", "https://example.com/docs#start"),
            ui.Link("Write to us", "mailto:hello@example.com"),
        ),
        ui.Image("picture.png", "A green square with a lighter one in it", width="small"),
    ]


def tabs() -> ui.Tabs:
    """Three tabs."""
    return ui.Tabs(
        ui.Tab("Summary", "What is in the first tab."),
        ui.Tab("Details", ui.Stat("In the second", 2)),
        ui.Tab("History", ui.Text("And in the third.")),
        label="About a customer",
    )


def happened() -> ui.Timeline:
    """What happened, the newest first."""
    return ui.Timeline(
        ui.Moment("Level gold reached", at="3 May 2030", text="After 50 visits.", tone="success"),
        ui.Moment("Points corrected", at="12 April 2030", tone="warning"),
        ui.Moment("Became a member", at="2 January 2029"),
    )
