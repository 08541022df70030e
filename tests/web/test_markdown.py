"""Text of strangers as HTML: a shelf of hostile pieces, none of which does anything but be read."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.web.markdown import markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/pixel.gif)",
    "![x](javascript:alert(1))",
    "<svg/onload=alert(1)>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](%6aavascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://evil.example/1)",
    "<javascript:alert(1)>",
    "<https://a.example/'onmouseover='alert(1)>",
    '[x](https://a.example "onmouseover=alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
    "<iframe src=https://evil.example></iframe>",
    "<form action=/sign-out method=post><button>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<a href=/x id=main name=menu class=btn style=position:fixed>x</a>",
    "<div hx-get=/sign-out hx-trigger=load>x</div>",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example>",
    "<style>*{background:url(https://evil.example)}</style>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</main></body><script>alert(1)</script>",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7 * 7 }} {% raw %}",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "> <object data=x>",
    "~~<embed src=x>~~",
    "<dialog open>x</dialog>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
]


class Read(HTMLParser):
    """Every tag and attribute of what was made."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(str(markdown(text)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


_PLAIN = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"),
}


def harmless(text: str) -> bool:
    read = Read(text)
    leads = [re.sub(r"[\0-\x20]", "", value) for name, value in read.attributes if name == "href"]
    schemes = {found[1].lower() for value in leads if (found := re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", value))}
    named = {name for name, _ in read.attributes}
    return set(read.tags) <= _PLAIN and named <= {"href", "rel", "title"} and schemes <= {"https", "http", "mailto"}


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_it_does_anything(text: str) -> None:
    assert harmless(text)


@given(st.lists(st.sampled_from([*HOSTILE, "\n", "\n\n", "- ", "# ", "*", "](", "<", ">", '"', "`"]), max_size=8))
def test_nor_do_pieces_of_it_put_together(pieces: list[str]) -> None:
    assert harmless("".join(pieces))


def test_plain_reading_is_all_there() -> None:
    made = markdown("# Title\n\nSome *text* with a [link](https://a.example).\n\n- one\n\n| a |\n|---|\n| b |")
    assert "<h2>Title</h2>" in made
    assert "<em>text</em>" in made
    assert '<a href="https://a.example" rel="noopener nofollow">link</a>' in made
    assert "<li>one</li>" in made
    assert "<td>b</td>" in made


def test_a_text_without_end_is_cut() -> None:
    assert len(markdown("a" * 1_000_000)) < 210_000
