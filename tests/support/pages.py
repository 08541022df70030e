"""Every page there is, for what looks at all of them: accessibility, keyboard, screenshots, weight."""

from collections.abc import Callable
from dataclasses import dataclass

from support.browser import Site
from support.installed import letters
from support.shopping import WEATHER, bought, refused, window
from support.showing import example
from support.stocked import PLUGIN, PUBLISHER, Market, stocked


@dataclass(frozen=True)
class Shown:
    """A page: a name for its pictures, where it is on a site (made ready there, if need be), who looks at it."""

    name: str
    at: Callable[[Site], str]
    role: str = "admin"


def fixed(address: str) -> Callable[[Site], str]:
    """A page that is there without more ado."""
    return lambda _site: address


def first_of(noun: str, below: str = "") -> Callable[[Site], str]:
    """The page of the first of these that the demo data has, or one below it."""
    return lambda site: f"/{noun}/{site.get(f'/api/{noun}')['items'][0]['id']}{below}"


def of_plugin(name: str, page: str) -> Callable[[Site], str]:
    """A page of an example, which is installed for it."""
    return lambda site: f"/ext/{example(site, name)}/{page}"


def of_market(address: Callable[[Market], str]) -> Callable[[Site], str]:
    """A page about something that is on the marketplace of the site."""
    return lambda site: address(stocked(site))


def of_window(address: str) -> Callable[[Site], str]:
    """A page of the marketplace, where there is something to be had."""
    return lambda site: f"/marketplace{address}" if window(site) else ""


def of_letters(tab: str = "") -> Callable[[Site], str]:
    """A page about a plugin that has something on each of them."""
    return lambda site: f"/plugins/{letters(site)}{tab}"


PAGES = (
    Shown("sign-in", fixed("/sign-in"), role=""),
    Shown("dashboard", fixed("/")),
    Shown("customers", fixed("/customers")),
    Shown("customers-found", fixed("/customers?search=berlin&status=active&sort=-city")),
    Shown("customers-none", fixed("/customers?search=nobody+of+this+name")),
    Shown("customer-new", fixed("/customers/new")),
    Shown("customer", first_of("customers")),
    Shown("customer-edit", first_of("customers", "/edit")),
    Shown("customer-notes", first_of("customers", "/notes")),
    Shown("activity", fixed("/activity")),
    Shown("notifications", fixed("/notifications")),
    Shown("appointments", fixed("/appointments?period=all")),
    Shown("appointments-none", fixed("/appointments?search=nobody")),
    Shown("appointment", first_of("appointments")),
    Shown("appointment-new", fixed("/appointments/new?find=a")),
    Shown("calendar-month", fixed("/appointments/calendar")),
    Shown("calendar-week", fixed("/appointments/calendar?view=week")),
    Shown("plugin-gallery", of_plugin("ui-gallery", "gallery")),
    Shown("plugin-members", of_plugin("loyalty-points", "members")),
    Shown("requests", fixed("/requests")),
    Shown("request", first_of("requests")),
    Shown("request-new", fixed("/requests/new")),
    Shown("request-convert", first_of("requests", "/convert")),
    Shown("operating", of_market(lambda _: "/operating")),
    Shown("operating-submissions", of_market(lambda _: "/operating/submissions?state=all")),
    Shown("operating-submissions-none", fixed("/operating/submissions?search=nothing")),
    Shown("operating-submission", of_market(lambda market: f"/operating/submissions/{market.submissions['2.0.0']}")),
    Shown(
        "operating-submission-first", of_market(lambda market: f"/operating/submissions/{market.submissions['1.0.0']}")
    ),
    Shown(
        "operating-file",
        of_market(lambda market: f"/operating/submissions/{market.submissions['2.0.0']}/file?name=code/test_plugin.py"),
    ),
    Shown("operating-plugin", of_market(lambda _: f"/operating/plugins/{PLUGIN}")),
    Shown("operating-publishers", of_market(lambda _: "/operating/publishers")),
    Shown("operating-publisher", of_market(lambda _: f"/operating/publishers/{PUBLISHER}")),
    Shown("operating-reviews", of_market(lambda _: "/operating/reviews")),
    Shown("operating-licences", of_market(lambda _: "/operating/licenses")),
    Shown("operating-licence", of_market(lambda market: f"/operating/licenses/{market.licence}")),
    Shown("operating-sell", of_market(lambda _: "/operating/licenses/new")),
    Shown("operating-index", fixed("/operating/index")),
    Shown("publishing", of_market(lambda _: "/publishing"), role="publisher"),
    Shown("publishing-none", fixed("/publishing")),
    Shown("publishing-new", fixed("/publishing/new"), role="publisher"),
    Shown("publishing-keys", of_market(lambda _: f"/publishing/publishers/{PUBLISHER}"), role="publisher"),
    Shown("publishing-upload", of_market(lambda _: "/publishing/upload"), role="publisher"),
    Shown("publishing-plugin", of_market(lambda _: f"/publishing/{PLUGIN}"), role="publisher"),
    Shown(
        "publishing-submission",
        of_market(lambda market: f"/publishing/submissions/{market.submissions['1.2.0']}"),
        role="publisher",
    ),
    Shown("people", fixed("/people")),
    Shown("person", lambda site: f"/people/{site.get('/api/users')['items'][0]['id']}"),
    Shown("person-new", fixed("/people/new")),
    Shown("roles", fixed("/people/roles")),
    Shown("me", fixed("/me")),
    Shown("tokens-none", fixed("/me/tokens"), role="manager"),
    Shown("token-new", fixed("/me/tokens/new")),
    Shown("marketplace", of_window("")),
    Shown("marketplace-nothing", of_window("?search=zeppelin")),
    Shown("marketplace-plugin", of_window(f"/{WEATHER}")),
    Shown("marketplace-publisher", of_window(f"/publishers/{PUBLISHER}")),
    Shown("marketplace-install", of_window(f"/{WEATHER}/install")),
    Shown("marketplace-install-paid", of_window(f"/{PLUGIN}/install")),
    Shown("marketplace-done", lambda site: f"/marketplace/installs/{bought(site)}"),
    Shown("marketplace-failed", lambda site: f"/marketplace/installs/{refused(site)}"),
    Shown("marketplace-installs", lambda site: f"/marketplace/installs?{bought(site)}"),
    Shown("marketplace-updates", lambda site: f"/marketplace/updates?{bought(site)}"),
    Shown("plugins-keys", fixed("/plugins/keys")),
    Shown("plugins-install", fixed("/plugins/install")),
    Shown("plugin-overview", of_letters()),
    Shown("plugins", lambda site: letters(site) and "/plugins"),
    Shown("plugin-calls", of_letters("/executions")),
    Shown("plugin-log", of_letters("/log?paused=yes")),
    Shown("plugin-resources", of_letters("/resources?period=hour")),
    Shown("plugin-storage", of_letters("/storage")),
    Shown("plugin-entry", of_letters("/storage/entry?key=visits/today")),
    Shown("plugin-settings", of_letters("/settings")),
    Shown("plugin-permissions", of_letters("/permissions")),
    Shown("plugin-problems", of_letters("/problems")),
    Shown("plugin-deliveries", of_letters("/deliveries")),
    Shown("plugin-versions", of_letters("/versions")),
    Shown("licenses", fixed("/licenses")),
    Shown("nothing-there", fixed("/customers/nothing")),
)
