"""A plugin with something on every page about it."""

from typing import Any

from support.browser import Site
from support.showing import installed

METHODS = """
@route("GET", "/works")
def works(self, ctx, request):
    ctx.log.info("asked", by=request.query.get("by", "nobody"))
    print("said aloud")
    ctx.storage.set("visits/today", {"count": ctx.customers.count(), "who": ["Ada", "Bo"]})
    ctx.storage.set("visits/yesterday", 3)
    ctx.storage.set("other", "text")
    return 1

@route("GET", "/fails")
def fails(self, ctx, request):
    ctx.log.error("about to fail")
    raise ValueError("no")

@route("GET", "/reports")
def reports(self, ctx, request):
    ctx.problems.report("no-key", "The key for the letters is missing.", details={"setting": "secret_key"})
    return 1

@route("GET", "/greeting")
def greeting(self, ctx, request):
    return dict(ctx.settings)

@before("customers.create")
def look(self, ctx, draft):
    if draft["city"] == "Nowhere":
        raise ValueError("no such place")

@after("customers.delete")
def never(self, ctx, event):
    raise ValueError("not yet")
"""
SETTINGS = [
    {"name": "greeting", "type": "text", "label": "Greeting", "help": "Stands above each letter.", "required": True},
    {"name": "hours", "type": "whole", "label": "Hours before", "minimum": 1, "maximum": 168, "default": 24},
    {"name": "share", "type": "number", "label": "Share"},
    {"name": "polite", "type": "yesno", "label": "Be polite", "default": True},
    {"name": "tone", "type": "choice", "label": "Tone", "choices": ["warm", "dry"], "default": "warm"},
    {"name": "letter", "type": "text_long", "label": "Letter"},
    {"name": "secret_key", "type": "secret", "label": "Key for the letters"},
    {"name": "sender", "type": "email", "label": "Sender"},
]
ASKS: dict[str, Any] = {
    "name": "letters",
    "display_name": "Friendly letters",
    "description": "Writes letters to customers that nobody has heard of for a while.",
    "permissions": ("customers.read", "customers.update"),
    "optional_permissions": [
        {"code": "requests.read", "reason": "To mention what somebody has asked for."},
        {"code": "notifications.send", "reason": "To tell colleagues of answers."},
    ],
    "network": [{"url": "https://letters.example.com/", "methods": ["POST"], "reason": "To have letters printed."}],
    "settings": SETTINGS,
}
ID = "acme.letters"


def letters(site: Site) -> str:
    """The id of the plugin, installed on the site and called a few times; the same whenever it is asked for."""
    if ID not in {one["id"] for one in site.get("/api/plugins")["items"]}:
        installed(site, body=METHODS, **ASKS)
        site.api.put(f"/api/plugins/{ID}/breaker", json={"mode": "monitor"})
        for path in ("works", "works?by=Ada", "reports", "fails", "works"):
            site.api.get(f"/api/ext/{ID}/{path}")
    return ID
