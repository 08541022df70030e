"""Network, obfuscation, dependencies, size, names: each with what must be found, and with what must not."""

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from rising_bsm.analysis import names, network, obfuscation, size, vulnerable
from rising_bsm.analysis.names import Neighbour, distance, skeleton
from rising_bsm.bundle.limits import BundleLimits
from support.analysed import PATH, codes, make_source, wrong
from support.bundles import make_manifest

PLACE = {"url": "https://api.example.com/v1/", "methods": ["GET"], "reason": "To ask."}
BLOB = base64.b64encode(random.Random(1).randbytes(300)).decode()


def named(code: str, *, places: bool = False) -> list[tuple[str, str, str | None]]:
    manifest = make_manifest(network=[PLACE] if places else [])
    return wrong(network.check(make_source(code), manifest))


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("ctx.http.fetch('GET', 'https://evil.test/x')", "error"),
        ("ctx.http.fetch('GET', url='https://evil.test/x')", "error"),
        ("ctx.http.fetch('GET', f'https://evil.test/{x}')", "error"),
        ("ctx.http.fetch('GET', 'https://api.example.com@evil.test/')", "error"),
        ("URL = 'https://evil.test/x'", "warning"),
        ("URL = 'HTTPS://EVIL.TEST'", "warning"),
        ("URL = b'http://203.0.113.9:8080/'", "warning"),
        ("SOCKET = 'wss://evil.test'", "warning"),
        ("TEXT = 'see https://evil.test, please'", "warning"),
    ],
)
def test_a_host_that_the_manifest_does_not_name(code: str, severity: str) -> None:
    assert named(code) == [(severity, "network.undeclared", f"{PATH}:1")]


@pytest.mark.parametrize(
    "code",
    [
        "ctx.http.fetch('GET', 'https://api.example.com/v1/rates')",
        "BASE = 'https://api.example.com/v1/'\nctx.http.fetch('GET', BASE + path)",
        "'''See https://evil.test for more.'''\nctx.http.fetch('GET', 'https://api.example.com/v1/x')",
        "ctx.http.fetch('GET', 'https://api.example.com/v1/')\nX = 'http://www.w3.org/2000/svg'",
        "ctx.http.fetch('GET', 'https://api.example.com/v1/')\nMAIL = 'gmail.com'",
    ],
)
def test_hosts_that_are_fine(code: str) -> None:
    assert named(code, places=True) == []


def test_a_bare_name_counts_where_addresses_are_put_together() -> None:
    code = "HOST = 'evil.com'\nctx.http.fetch('GET', 'https://' + HOST)"
    assert named(code, places=True) == [("warning", "network.undeclared", f"{PATH}:1")]
    assert ("warning", "network.dynamic", f"{PATH}:2") in named(code)


def test_a_place_for_nothing() -> None:
    assert named("x = 1", places=True) == [("warning", "network.unused", "pyproject.toml")]
    assert named("ctx.http.fetch('GET', url)", places=True) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"exec(base64.b64decode('{BLOB}'))", "obfuscation.hidden_code"),
        ("data = base64.b64decode(x)\ntext = zlib.decompress(data)\nexec(text)", "obfuscation.hidden_code"),
        ("eval(bytes.fromhex(x))", "obfuscation.hidden_code"),
        ("exec(compile(codecs.decode(x, 'rot13'), 'x', 'exec'))", "obfuscation.hidden_code"),
        ("marshal.loads(x)", "obfuscation.hidden_code"),
        ("pickle.loads(x)", "obfuscation.hidden_code"),
        ("eval(x)", "obfuscation.runs_text"),
        (f"X = '{BLOB}'", "obfuscation.blob"),
        (f"X = {bytes(range(256)) * 2!r}", "obfuscation.blob"),
        (f"X = '{'ab' * 200}'", "obfuscation.blob"),
        (f"X = {'1 + ' * 800}1", "obfuscation.long_line"),
        ("lIlIlI1l = 1\nO0O0O0O0 = 2\n_0xdeadbeef = 3", "obfuscation.names"),
        ("\n".join(f"{a}{b} = 1" for a in "abcdef" for b in "ghijkl"), "obfuscation.names"),
    ],
)
def test_code_that_hides(code: str, expected: str) -> None:
    assert expected in codes(obfuscation.check(make_source(code)))


@pytest.mark.parametrize(
    "code",
    [
        "TEXT = '''" + "It was the best of times, it was the worst of times. " * 20 + "'''",
        "TEXT = '" + "Здравствуйте, как вы поживаете сегодня вечером? " * 20 + "'",
        "PATTERN = re.compile(r'(?P<year>[0-9]{4})-(?P<month>[0-9]{2})')",
        "value = json.loads(text)\nbase64.b64decode(value)",
        "self.eval(x)\nmodel.compile()",
        "DIGEST = '" + "0123456789abcdef" * 4 + "'",
        "for i in range(3):\n    x, y = i, i\n",
    ],
)
def test_code_that_does_not(code: str) -> None:
    assert codes(obfuscation.check(make_source(code))) == []


def test_a_module_that_nobody_can_read() -> None:
    assert codes(obfuscation.check(make_source(b"x = 1\n" * 200_000))) == ["obfuscation.too_large"]


def test_findings_are_not_without_end() -> None:
    found = codes(obfuscation.check(make_source("eval(x)\n" * 500)))
    assert (len(found), found[-1]) == (obfuscation.MOST + 1, "obfuscation.more")


def metadata(name: str, version: str) -> dict[str, bytes]:
    path = f"code/{name.lower()}-{version}.dist-info/METADATA"
    return {path: f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()}


@pytest.mark.parametrize(
    ("name", "version", "affected"),
    [
        ("jinja2", "3.1.2", True),
        ("Jinja2", "3.1.5", True),
        ("jinja2", "3.1.6", False),
        ("idna", "3.6", True),
        ("idna", "3.7", False),
        ("urllib3", "1.26.4", True),
        ("Python_JOSE", "3.3.0", True),
        ("requests", "2.32.4", False),
        ("humanize", "4.0.0", False),
        ("idna", "no version", True),
    ],
)
def test_dependencies(name: str, version: str, affected: bool) -> None:
    found = wrong(vulnerable.check(metadata(name, version)))
    assert (found != []) == affected
    assert {(severity, code) for severity, code, _ in found} <= {("error", "vulnerable.dependency")}


def test_the_remedy_is_the_first_version_without_it() -> None:
    [idna] = [one for one in vulnerable.check(metadata("idna", "3.6")) if one.severity == "error"]
    assert "idna>=3.7" in (idna.remedy or "")
    assert "CVE-2024-3651" in idna.message


def test_every_advisory_can_be_read() -> None:
    known = vulnerable.advisories()
    assert len(known) > 40
    for advisories in known.values():
        for advisory in advisories:
            assert advisory["id"]
            for affected in advisory["affected"]:
                for one in affected["ranges"]:
                    versions = [text for event in one["events"] for text in event.values()]
                    assert all(Version(text) for text in versions)
                    assert not vulnerable.is_affected("0.0.0.dev0", [{"events": [{"introduced": "0.1"}]}])


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ([{"introduced": "0"}], ["0.1", "9"], []),
        ([{"introduced": "0"}, {"fixed": "2"}], ["1.9", "2rc1"], ["2", "2.1"]),
        ([{"introduced": "1"}, {"last_affected": "2"}], ["1", "2"], ["0.9", "2.0.1"]),
        ([{"introduced": "0"}, {"fixed": "1"}, {"introduced": "2"}, {"fixed": "3"}], ["0.1", "2.5"], ["1.5", "3"]),
    ],
)
def test_ranges(events: list[dict[str, str]], inside: list[str], outside: list[str]) -> None:
    for version in inside + outside:
        assert vulnerable.is_affected(version, [{"events": events}]) == (version in inside), version


def test_size() -> None:
    few = BundleLimits(files=10, unpacked_bytes=1_000)
    assert codes(size.check({"a": b"x" * 900}, limits=few)) == ["size.near_limit"]
    assert codes(size.check({str(n): b"" for n in range(9)}, limits=few)) == ["size.near_limit"]
    assert wrong(size.check({"a": b"x", "b": b"x" * 500_000}, before=10_000)) == [("warning", "size.grown", "b")]
    assert codes(size.check({"a": b"x" * 500_000}, before=400_000)) == []
    assert codes(size.check({"a": b"x" * 5_000}, before=100)) == []
    assert codes(size.check({"a": b"x" * 500_000})) == []


LOYALTY = Neighbour("globex.loyalty-points", "Loyalty points")


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ({"publisher": "g1obex", "name": "loyalty-points"}, "names.close"),
        ({"publisher": "globex-", "name": "x", "display_name": "Loyalty Points"}, None),
        ({"display_name": "Loyalty Points"}, "names.close"),
        ({"display_name": "L0yalty  p0ints"}, "names.close"),
        ({"display_name": "Lоуalty points"}, "names.close"),
        ({"display_name": "Loyaltypiont"}, "names.close"),
        ({"display_name": "Loyalty"}, None),
        ({"publisher": "globex", "name": "loyalty", "display_name": "Loyalty points"}, None),
        ({"display_name": "Rising-BSM"}, "names.reserved"),
        ({"display_name": "Ris1ng BSM extras"}, "names.reserved"),
        ({"name": "system"}, "names.reserved"),
        ({"display_name": "Hello Мир"}, "names.mixed"),
        ({"display_name": "Привет"}, None),
        ({"display_name": "Zeiterfassung für Ärzte"}, None),
    ],
)
def test_names(manifest: dict[str, str], expected: str | None) -> None:
    if manifest.get("publisher", "").endswith("-"):
        manifest = manifest | {"publisher": "globex"}
    found = codes(names.check(make_manifest(**manifest), [LOYALTY]))
    assert (expected in found) if expected else found == []


@given(st.text(max_size=12), st.text(max_size=12))
def test_distance_is_a_distance(one: str, other: str) -> None:
    far = distance(one, other, 20)
    assert far == distance(other, one, 20)
    assert (far == 0) == (one == other)
    assert far >= abs(len(one) - len(other))
    assert distance(one, other, 1) == min(far, 2)


@given(st.text(max_size=50))
def test_a_skeleton_of_a_skeleton_says_no_more(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(skeleton(skeleton(text)))
