"""`rising-bsm host-api`: everything that a plugin can ask of the host."""

from rising_bsm.cli.options import Json
from rising_bsm.cli.terminal import as_json, columns, say

HEAD = ("function", "needs", "cost", "what it does")


def host_api(json: Json = False) -> None:
    """List every function of the host: the permission it needs, what a call counts towards the plugin's budget, and
    what it does. With --json also what each takes and answers, as JSON Schema.

    \b
    Examples:
      rising-bsm host-api
      rising-bsm host-api --json
    """
    from rising_bsm.runtime.host_api import HOST_API

    if json:
        say(as_json({"functions": [function.as_dict() for function in HOST_API]}))
        return
    rows = [(one.name, one.needs or "-", str(one.cost), one.doc) for one in HOST_API]
    for number, line in enumerate(columns([HEAD, *rows])):
        say(line, bold=number == 0)
