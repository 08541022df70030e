"""A shelf of trees that plugins mean no good with, each with what it must be refused with.

What is not refused (`None`) is shown as harmless text; a browser looks at that.
"""

from typing import Any

from rising_bsm.runtime.ui import Known

KNOWN = Known(actions={"save"}, pages={"members"})
RLO = "\u202e"
SVG = "<svg onload=alert(1)>"


def node(type: str, **fields: Any) -> dict[str, Any]:
    return {"type": type, **fields}


def link(to: Any, **fields: Any) -> dict[str, Any]:
    return node("Link", **{"text": "Press", "to": to, **fields})


def button(**fields: Any) -> dict[str, Any]:
    return node("Button", **{"text": "Press", "action": "save", **fields})


def field(type: str = "TextField", **fields: Any) -> dict[str, Any]:
    return node(type, **{"name": "name", "label": "Name", **fields})


def form(*fields: Any, **more: Any) -> dict[str, Any]:
    return node("Form", **{"fields": list(fields), "action": "save", **more})


def table(*lines: Any, **more: Any) -> dict[str, Any]:
    columns = [node("Column", key="name", label="Name")]
    return node("Table", **{"label": "All", "columns": columns, "lines": list(lines), **more})


def nested(depth: int, kind: str = "Card") -> dict[str, Any]:
    inner = node("Text", text="deep")
    for _ in range(depth):
        inner = node(kind, children=[inner])
    return inner


TARGET = "The target of a link"
UNKNOWN = "unknown field"
WRONG = "Invalid "
KIND = "Expected"

REFUSED: dict[str, tuple[Any, str]] = {
    # what runs
    "a node that is an element": (node("script", text="alert(1)"), WRONG),
    "a node that is a frame": (node("Iframe", src="https://evil.example"), WRONG),
    "a node of raw html": (node("Html", html="<b>"), WRONG),
    "a handler": (button(onclick="alert(1)"), UNKNOWN),
    "a handler in capitals": (node("Text", text="a", onMouseOver="alert(1)"), UNKNOWN),
    "an attribute of htmx": (button(**{"hx-get": "https://evil.example"}), UNKNOWN),
    "an attribute of htmx on a card": (node("Card", children=[], **{"hx-on:click": "alert(1)"}), UNKNOWN),
    "a data attribute": (node("Text", text="a", **{"data-action": "x"}), UNKNOWN),
    # what looks
    "a style": (node("Text", text="a", **{"style": "position:fixed;inset:0"}), WRONG),
    "a class": (node("Card", children=[], **{"class": "modal-backdrop"}), UNKNOWN),
    "css": (node("Style", text="body{display:none}"), WRONG),
    "a tone with more in it": (node("Badge", text="a", tone="danger position-fixed"), WRONG),
    "a width with css in it": (node("Image", path="a.png", alt="", width="100vw;position:fixed"), WRONG),
    # what takes names
    "an id": (node("Text", text="a", id="main"), UNKNOWN),
    "a name that clobbers": (form(field(name="__proto__")), KIND),
    "a name with a dot": (form(field(name="csrf.token")), KIND),
    "a name with a bracket": (form(field(name="a[b]")), KIND),
    "an empty name": (form(field(name="")), KIND),
    "a name with a line break behind": (form(field(name="name\n")), KIND),
    "two fields of one name": (form(field(), field()), "are named name"),
    "a value named as a field": (form(field(), values={"name": 1}), "are named name"),
    "a table whose name is an attribute": (table(name='x" onload="'), KIND),
    "a column that is an attribute": (table(columns=[node("Column", key='a"b', label="A")]), KIND),
    "two columns with one key": (table(columns=[node("Column", key="a", label="A")] * 2), "Two columns"),
    "a cell without column": (table(node("Line", cells={"secret": node("Text", text="a")})), "no column"),
    # where forms go
    "a form with a target of its own": (form(field(), target="_top"), UNKNOWN),
    "a form that is sent elsewhere": (form(field(), action="https://evil.example"), KIND),
    "a form with a method": (form(field(), method="GET"), UNKNOWN),
    "a button that overrides the action": (button(formaction="https://evil.example"), UNKNOWN),
    "a field of a file": (form(field("FileField")), WRONG),
    "an action that is not marked": (button(action="on_uninstall"), "@action"),
    "an action of another plugin": (button(action="acme.other:save"), KIND),
    "an action with a path": (button(action="../../api/users"), KIND),
    # where links lead
    "javascript": (link("javascript:alert(1)"), TARGET),
    "javascript in capitals": (link("JaVaScRiPt:alert(1)"), TARGET),
    "javascript behind a space": (link(" javascript:alert(1)"), TARGET),
    "javascript behind a control character": (link("\x01javascript:alert(1)"), TARGET),
    "javascript with a tab in it": (link("java\tscript:alert(1)"), TARGET),
    "javascript with a line break in it": (link("java\nscript:alert(1)"), TARGET),
    "javascript with an entity": (link("javascript&colon;alert(1)"), TARGET),
    "javascript with numbers": (link("&#106;avascript:alert(1)"), TARGET),
    "javascript behind what is not seen": (link("\ufeffjavascript:alert(1)"), TARGET),
    "javascript turned around": (link(RLO + ")1(trela:tpircsavaj"), TARGET),
    "javascript in wide letters": (link("ｊavascript:alert(1)"), TARGET),
    "data": (link("data:text/html,<script>alert(1)</script>"), TARGET),
    "data in base64": (link("DATA:text/html;base64,PHNjcmlwdD4="), TARGET),
    "vbscript": (link("vbscript:msgbox(1)"), TARGET),
    "a file": (link("file:///etc/passwd"), TARGET),
    "a blob": (link("blob:https://evil.example/1"), TARGET),
    "plain http": (link("http://evil.example/"), TARGET),
    "another host without a scheme": (link("//evil.example"), TARGET),
    "another host behind a backslash": (link("/\\evil.example"), TARGET),
    "another host behind tabs": (link("/\t/evil.example"), TARGET),
    "a user name that looks like a host": (link("https://rising.example@evil.example/"), TARGET),
    "the programming interface": (link("/api/users"), TARGET),
    "signing out": (link("/sign-out"), TARGET),
    "up and away": (link("/customers/../api/users"), TARGET),
    "up and away, encoded": (link("/customers/%2e%2e/api"), TARGET),
    "a page of its own that is not there": (link("admin"), "no page"),
    "a query on the host": (link("/customers", query={"a": "b"}), "own pages"),
    "a link with a target": (link("/customers", target="_top"), UNKNOWN),
    "mail with headers": (link("mailto:a@b.example?bcc=c@d.example"), TARGET),
    # pictures
    "a picture from elsewhere": (node("Image", path="https://evil.example/a.png", alt=""), KIND),
    "a picture in the text": (node("Image", path="data:image/png;base64,AA==", alt=""), KIND),
    "a picture above": (node("Image", path="../secret.png", alt=""), KIND),
    "a picture from the top": (node("Image", path="/api/me.png", alt=""), KIND),
    "a picture that draws": (node("Image", path="a.svg", alt=""), "picture ends with"),
    # what is too much
    "too deep": (nested(13), "deep"),
    "far too deep": (nested(200), "deep"),
    "too many": (node("List", children=[node("Text", text="a")] * 2_001), "2,000 nodes"),
    "too long a text": (node("Text", text="a" * 10_241), "10,240 bytes"),
    "too long in bytes": (node("Text", text="ä" * 6_000), "10,240 bytes"),
    "values that are too many": (button(values={"a": "b" * 9_000}), "8,192 bytes"),
    "tabs without end": (node("Tabs", label="a", children=[node("Tab", title="a")] * 9), KIND),
    "a grid of a thousand columns": (node("Grid", children=[], columns=1_000), KIND),
    "pages without end": (table(pages=10**18), KIND),
    "a chart of many series": (
        node("Chart", kind="bar", labels=[], series=[["a", []]] * 9, title="a"),
        KIND,
    ),
    # what is of the wrong type
    "a text that is a number": (node("Text", text=1), KIND),
    "a text that is a list": (node("Text", text=["<b>"]), KIND),
    "a text that is nothing": (node("Text", text=None), KIND),
    "a switch that is a word": (button(disabled="yes"), KIND),
    "a number that is a truth": (node("Progress", value=True, label="a"), KIND),
    "a number that is none": (node("Progress", value=float("nan"), label="a"), "no number"),
    "a number without end": (node("Stat", label="a", value=float("inf")), "no number"),
    "a chart without numbers": (
        node("Chart", kind="bar", labels=["a"], series=[["a", ["1"]]], title="a"),
        KIND,
    ),
    "a chart with what is no number": (
        node("Chart", kind="bar", labels=["a"], series=[["a", [float("nan")]]], title="a"),
        "no number",
    ),
    "a chart of another kind": (node("Chart", kind="svg", labels=[], series=[], title="a"), WRONG),
    "a pie of two": (node("Chart", kind="pie", labels=[], series=[["a", []], ["b", []]], title="a"), "one series"),
    "children that are a text": (node("Card", children="abc"), KIND),
    "children that are an object": (node("Card", children={"0": node("Text", text="a")}), KIND),
    "a type that is a list": ({"type": ["Card"]}, KIND),
    "no type": ({"text": "a"}, "missing"),
    "a number alone": (3, KIND),
    # what only looks right
    "a page in a card": (node("Card", children=[node("Page", title="a")]), "no other node"),
    "a dialog in a dialog": (
        node("Modal", button="a", title="a", children=[node("Modal", button="b", title="b")]),
        "no other Modal",
    ),
    "a form in a form": (form(form(field())), WRONG),
    "a tab without tabs": (node("Tab", title="a"), WRONG),
    "an option twice": (form(field("Select", options=[["a", "A"], ["a", "B"]])), "twice"),
}

HARMLESS: dict[str, Any] = {
    "markup in a text": node("Text", text="<script>window.pwned=1</script>"),
    "markup in a title": node("Card", title="</h3><img src=x onerror=window.pwned=1>", children=[]),
    "markup in an attribute": node("Image", path="a.png", alt='" onerror="window.pwned=1'),
    "markup in a label": form(
        field(label='<img src=x onerror="window.pwned=1">', value='"><svg onload=window.pwned=1>')
    ),
    "markup in an option": form(field("Select", options=[['"><script>window.pwned=1</script>', "</select><script>"]])),
    "markup in a text area": form(field("TextArea", value="</textarea><script>window.pwned=1</script>")),
    "markup in a cell": table(node("Line", cells={"name": node("Text", text=SVG)})),
    "markup in a chart": node(
        "Chart",
        kind="bar",
        labels=["</title><script>window.pwned=1</script>"],
        series=[["<g onload=x>", [1]]],
        title=SVG,
    ),
    "markup in markdown": node(
        "Markdown", text="<img src=x onerror=window.pwned=1>\n\n<script>window.pwned=1</script>"
    ),
    "a script as a link in markdown": node(
        "Markdown", text="[a](javascript:window.pwned=1) <javascript:window.pwned=1>"
    ),
    "a picture in markdown": node("Markdown", text="![a](https://evil.example/pixel.png)"),
    "a reference in markdown": node("Markdown", text="[a][b]\n\n[b]: javascript:window.pwned=1"),
    "an automatic link in markdown": node("Markdown", text="//evil.example http://evil.example data:text/html,x"),
    "syntax of templates": node("Text", text="{{ config }} {% include 'x' %} ${7*7} #{7*7} <%= 7*7 %>"),
    "syntax of templates in a title": node("Card", title="{{ 7*7 }}", children=[]),
    "a text turned around": node("Text", text=f"photo_{RLO}gpj.exe"),
    "control characters": node("Text", text="a\x00b\x1b[31mc\x7f\x9b"),
    "half a character": node("Text", text="a\ud800b"),
    "a confirmation with markup": button(confirm="<script>window.pwned=1</script>"),
    "a confirmation that htmx would run": button(confirm="js:window.pwned=1"),
    "values with markup": button(values={"a": '"></form><script>window.pwned=1</script>'}),
    "a form that asks for a password": form(field("PasswordField", label="Your password has expired", value="x")),
    "fields named as the host's": form(field(name="csrf_token"), field(name="ticket"), field(name="submit")),
    "fields named as properties": form(field(name="action"), field(name="method"), field(name="elements")),
    "a page that calls itself the host": node("Page", title="Rising-BSM · Sign in again"),
    "an alert of the host": node(
        "Alert", title="Session expired", text="Sign in at https://evil.example", tone="danger"
    ),
    "a code that ends its element": node("Code", text="</code></pre><script>window.pwned=1</script>"),
    "a tab with markup": node("Tabs", label=SVG, children=[node("Tab", title=SVG)]),
    "a dialog with markup": node("Modal", button=SVG, title=SVG),
    "a link with markup": link("/customers", text=SVG),
    "a moment with markup": node("Timeline", children=[node("Moment", title=SVG, at=SVG, text=SVG)]),
    "an unending line": node("Text", text="W" * 10_000),
    "deep as it may be": nested(11),
}
