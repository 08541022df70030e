"""A site whose marketplace has something on it: a publisher, plugins, submissions, licences, reviews."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from rising_bsm.bundle import SigningKey
from rising_bsm.marketplace.publishing.proof import prove
from rising_bsm.sandbox import Pool
from rising_bsm.web.cookies import CSRF_HEADER
from support.browser import Site
from support.bundles import make_key
from support.plugins import make_signed_plugin
from support.selling import ThatInstance, plugin_report
from support.showing import made

MARKET = "/api/ext/rising-bsm.marketplace"
PUBLISHER, PLUGIN = "meadow", "meadow.route-planner"
KEY = make_key(70)
SECONDS = 120
_READS = """
@route("GET", "/tours")
def tours(self, ctx, request):
    found = ctx.customers.list(limit=20)
    return [customer["id"] for customer in found["items"]]
"""
_WRITES = """
@route("GET", "/tours")
def tours(self, ctx, request):
    # Sorted by who waits longest, with what was "\u202esaved" before.
    found = ctx.customers.list(limit=50)
    return sorted(customer["id"] for customer in found["items"])

@route("POST", "/tours")
def plan(self, ctx, request):
    return {"planned": True}
"""
_README = b"# Route planner\n\nPlans who is visited when.\n"
_PLACE = {"url": "https://maps.example.com/v1/", "methods": ["GET"], "reason": "Asks how far it is."}


@dataclass
class Market:
    """What there is on a site's marketplace, and its publisher's program (`author`)."""

    site: Site
    author: httpx.Client
    submissions: dict[str, str] = field(default_factory=dict)
    licence: str = ""

    def post(self, path: str, **body: Any) -> Any:
        """What the marketplace answers to the publisher, which must be a success."""
        return _answered(self.author.post(f"{MARKET}{path}", json=body))

    def submit(self, data: bytes) -> str:
        """The id of a submission that waits for review now."""
        answer = self.author.post(
            f"{MARKET}/submissions", content=data, headers={"content-type": "application/octet-stream"}
        )
        submission: str = _answered(answer)["id"]
        end = time.monotonic() + SECONDS
        while self.site.get(f"{MARKET}/submissions/{submission}")["state"] != "in_review":
            assert time.monotonic() < end, "it was never scanned"
        return submission

    def decide(self, submission: str, decision: str, reason: str) -> None:
        """As the operator."""
        self.site.post(f"{MARKET}/submissions/{submission}/decision", decision=decision, reason=reason)


_STOCKED: dict[str, Market] = {}


def stocked(site: Site) -> Market:
    """The marketplace of the site with everything on it, made when it is first asked for."""
    if site.url not in _STOCKED:
        _STOCKED[site.url] = _stock(site)
    return _STOCKED[site.url]


def program_of(site: Site, session: str) -> httpx.Client:
    """A program with this session cookie, which sends the proof that what it does is meant."""
    program = httpx.Client(base_url=site.url, timeout=60, cookies={"rbsm_session": session})
    program.headers[CSRF_HEADER] = program.get("/api/me").json()["csrf_token"]
    return program


def bundle(version: str, body: str = _READS, *, key: SigningKey = KEY, **manifest: Any) -> bytes:
    """A signed bundle of the route planner, or of another plugin."""
    said = {"name": "route-planner", "display_name": "Route planner", "category": "scheduling"}
    known = {"description": "Plans who is visited when.", "publisher": PUBLISHER}
    files: Mapping[str, bytes] = {
        "README.md": _README,
        "CHANGELOG.md": f"# Changelog\n\n## {version}\n\n- Better.\n".encode(),
    }

    async def make(pool: Pool) -> bytes:
        return await make_signed_plugin(pool, body, key=key, files=files, version=version, **(said | known | manifest))

    return made(make)


def _stock(site: Site) -> Market:
    market = Market(site, program_of(site, site.session_of("publisher")))
    market.post("/publishers", name=PUBLISHER, display_name="Meadow Software", email="hello@meadow.example")
    market.post(f"/publishers/{PUBLISHER}/keys", public_key=str(KEY.public_key), proof=prove(PUBLISHER, KEY))
    site.post(f"{MARKET}/publishers/{PUBLISHER}/verify")
    paid = {"pricing": {"model": "paid", "trial_days": 14}}
    for version in ("1.0.0", "1.1.0"):
        submission = market.submissions[version] = market.submit(bundle(version, **paid))
        market.decide(submission, "approve", "It does what it says.")
        market.post(f"/versions/{PLUGIN}/{version}/release")
    refused = market.submissions["1.2.0"] = market.submit(bundle("1.2.0", **paid))
    market.decide(refused, "request_changes", "Say in the README where the maps come from.")
    more = {"permissions": ("customers.read", "appointments.read"), "network": [_PLACE]}
    market.submissions["2.0.0"] = market.submit(bundle("2.0.0", _WRITES, **paid, **more))
    sold = {"plugin": PLUGIN, "holder": "Bakery Sommer", "max_installs": 3, "entitlements": ["reports"]}
    licence = site.post(f"{MARKET}/licenses", **sold)
    market.licence = licence["id"]
    _use(market, licence["key"])
    return market


def _use(market: Market, key: str) -> None:
    """Two instances use it; somebody at each says what they think, and the publisher objects to one of that."""
    said = (("Ada", 5, "Saves us an hour a day.", "1.1.0"), ("Bo", 1, "Not what I was looking for.", "1.0.0"))
    for name, stars, text, version in said:
        one = ThatInstance()
        _asked(market, one, "activate", plugin=PLUGIN, key=key, url=f"https://{name.lower()}.example")
        report = plugin_report(PLUGIN, version, calls=400, crashes=3)
        _asked(market, one, "heartbeat", plugins=[report], licenses=[])
        review = {"plugin": PLUGIN, "user": "ab" * 16, "name": name, "stars": stars, "text": text}
        review_id = _asked(market, one, "review", **review)["id"]
    session = {"verb": "report", "reason": "It is about another plugin."}
    token = {"csrf_token": market.author.headers[CSRF_HEADER]}
    answer = market.author.post(f"/publishing/{PLUGIN}/reviews/{review_id}", data=session | token)
    assert answer.status_code == 303, answer.text


def _asked(market: Market, one: ThatInstance, action: str, **fields: Any) -> Any:
    path = {"activate": "activate", "heartbeat": "heartbeat", "review": "review"}[action]
    return _answered(httpx.post(f"{market.site.url}{MARKET}/instance/{path}", json=one.sign(action, fields)))


def _answered(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()
