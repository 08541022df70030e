from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.accounts import SYSTEM
from rising_bsm.errors import Failed, InvalidInput
from rising_bsm.runtime.answers import ANSWER_HEADERS, RouteAnswer, draft_answer, route_answer
from rising_bsm.sandbox import BadResult, Pool
from support.runtime import PLUGIN, Instance, make_plugin

STATUSES = [-1, 0, 99, 100, 101, 199, 300, 302, 304, 399, 600, 999, 2**64, True, "200", 200.0, None, [200], {}]
HEADERS: list[Any] = [
    {"cache-control": "no-store\r\nSet-Cookie: a=b"},
    {"ETag": "a\nb"},
    {"etag": "ü"},
    {"etag": "\x7f"},
    {"etag": "x" * 201},
    {"etag": 5},
    {"etag": None},
    {"etag": ["a"]},
    [["etag", "a"]],
    "etag: a",
    None,
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KNOWN = st.sampled_from([*ANSWER_HEADERS, "ETag", "set-cookie", "content-type", "location"])
ANSWERS = st.fixed_dictionaries(
    {
        "status": st.integers(0, 700) | JSON,
        "headers": st.dictionaries(KNOWN | st.text(), st.text() | JSON) | JSON,
        "body": JSON,
    }
)


@given(ANSWERS | JSON)
def test_whatever_is_answered_is_an_answer_or_a_bad_result(value: Any) -> None:
    try:
        answer = route_answer(value)
    except BadResult:
        return
    assert 200 <= answer.status < 300 or 400 <= answer.status < 600
    assert set(answer.headers) <= ANSWER_HEADERS
    assert all(text.isprintable() and text.isascii() for text in answer.headers.values())


@given(JSON)
def test_whatever_a_hook_returns_is_a_draft_or_a_bad_result(value: Any) -> None:
    if value is None or isinstance(value, dict):
        assert draft_answer(value) == value
    else:
        with pytest.raises(BadResult):
            draft_answer(value)


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_that_none_may_have(status: Any) -> None:
    with pytest.raises(BadResult) as refusal:
        route_answer({"status": status, "headers": {}, "body": None})
    assert refusal.value.place == "status"


@pytest.mark.parametrize("headers", HEADERS)
def test_headers_that_none_may_have(headers: Any) -> None:
    with pytest.raises(BadResult):
        route_answer({"status": 200, "headers": headers, "body": None})


def test_only_harmless_headers_are_passed_on() -> None:
    headers = {
        **{"Set-Cookie": "session=1", "content-type": "text/html", "LOCATION": "//evil.example", "x-acme-test": "1"},
        **{"Content-Security-Policy": "none", "transfer-encoding": "chunked", "a\r\nset-cookie": "b", "": "c"},
        **{"Cache-Control": "max-age=60", "ETag": '"1"', "content-language": "de", "last-modified": "now"},
    }

    answer = route_answer({"status": 200, "headers": headers, "body": 1})

    passed = {"cache-control": "max-age=60", "etag": '"1"', "content-language": "de", "last-modified": "now"}
    assert answer == RouteAnswer(200, passed, 1)


@pytest.mark.parametrize("status", [204, 205])
def test_an_answer_without_body_has_none(status: int) -> None:
    assert route_answer({"status": status, "headers": {}, "body": None}).status == status
    with pytest.raises(BadResult):
        route_answer({"status": status, "headers": {}, "body": ""})


@pytest.mark.parametrize(
    "given",
    [
        {"content_type": "text/html", "body": "<script>"},
        {"content_type": "image/svg+xml", "body": "PHN2Zz4=", "base64": True},
        {"content_type": "text/plain\r\nset-cookie: a=b", "body": "x"},
        {"content_type": "text/csv", "body": 5},
        {"content_type": "text/csv", "body": "\ud800"},
        {"content_type": "text/csv", "body": "/w==", "base64": True},
        {"content_type": "image/png", "body": "no bytes"},
        {"content_type": "image/png", "body": "===", "base64": True},
        {"content_type": "application/json", "body": "e30=", "base64": True},
        {"body": None, "base64": True},
        {"body": "x", "base64": "yes"},
    ],
)
def test_a_body_that_none_may_have(given: dict[str, Any]) -> None:
    with pytest.raises(BadResult):
        route_answer({"status": 200, "headers": {}} | given)


ROUTES = """
@route("GET", "/set")
def set_(self, ctx, request):
    return {1, 2}
@route("GET", "/keys")
def keys(self, ctx, request):
    return {(1, 2): 3}
@route("GET", "/nan")
def nan(self, ctx, request):
    return float("nan")
@route("GET", "/cycle")
def cycle(self, ctx, request):
    endless = []
    endless.append(endless)
    return endless
@route("GET", "/huge")
def huge(self, ctx, request):
    return {str(number): "x" * 100 for number in range(10_000)}
@route("GET", "/redirect")
def redirect(self, ctx, request):
    return Response(status=302, headers={"location": "https://evil.example"})
@route("GET", "/text")
def text(self, ctx, request):
    return Response(1, status="200")
@route("GET", "/split")
def split(self, ctx, request):
    return Response(1, headers={"etag": "a\\r\\nset-cookie: b=c"})
@route("GET", "/headers")
def headers(self, ctx, request):
    return Response(1, headers=5)
@route("GET", "/attribute")
def attribute(self, ctx, request):
    return Response({"x": request})
@route("GET", "/forged")
def forged(self, ctx, request):
    from rising_guest import runner
    runner._as_json = lambda _request, _value: "everything is fine"
@route("GET", "/forged/object")
def forged_object(self, ctx, request):
    from rising_guest import runner
    runner._as_json = lambda _request, _value: {"status": 200, "headers": {}, "body": 1, "user": "admin"}
@route("GET", "/forged/refusal")
def forged_refusal(self, ctx, request):
    refusal = Refuse("x")
    refusal.message = "y\\x1b" * 100_000
    refusal.field = "z\\n" * 10_000
    raise refusal
@route("GET", "/exit")
def exit_(self, ctx, request):
    raise SystemExit(0)
@route("GET", "/odd")
def odd(self, ctx, request):
    class Odd(BaseException):
        def __str__(self):
            raise ValueError("no words")
    raise Odd
@route("GET", "/awaits")
async def awaits(self, ctx, request):
    class Forever:
        def __await__(self):
            yield self
    await Forever()
@route("GET", "/fine")
def fine(self, ctx, request):
    return "fine"
"""
BROKEN = [
    *("/set", "/keys", "/nan", "/cycle", "/huge", "/redirect", "/text", "/split", "/headers", "/attribute"),
    *("/forged", "/forged/object", "/exit", "/odd", "/awaits"),
]


@pytest.mark.anyio
@pytest.mark.parametrize("path", BROKEN)
async def test_a_plugin_that_answers_nonsense_fails_by_name_and_answers_again(instance: Instance, path: str) -> None:
    await instance.attach(ROUTES)

    with pytest.raises(Failed) as failure:
        await instance.get(path)

    assert failure.value.message.startswith(f"{PLUGIN} failed on GET {path}: ")
    assert failure.value.message.isprintable()
    assert len(failure.value.message) < 1_000
    assert failure.value.code.startswith("plugin.")
    assert (await instance.get("/fine")).body == "fine"


@pytest.mark.anyio
async def test_a_refusal_of_any_size_is_a_sentence(instance: Instance) -> None:
    await instance.attach(ROUTES)

    with pytest.raises(InvalidInput) as refusal:
        await instance.get("/forged/refusal")

    assert len(str(refusal.value.as_dict())) < 4_000
    assert refusal.value.message.isprintable()
    assert str(refusal.value.place).isprintable()


@pytest.mark.anyio
@pytest.mark.parametrize(
    "answer",
    [
        "[]",
        "[draft]",
        '"draft"',
        "5",
        "True",
        "draft.items",
        "{1, 2}",
        "{(1, 2): 3}",
        'float("inf")',
        'draft | {"name": b"x"}',
    ],
)
async def test_a_hook_that_returns_nonsense_lets_nothing_be_written(instance: Instance, answer: str) -> None:
    await instance.attach(f"""
    @before("customers.create")
    def check(self, ctx, draft):
        return {answer}
    """)

    with pytest.raises(Failed) as failure:
        await instance.customers.create(SYSTEM, {"name": "Ada", "email": "ada@x.example"})

    assert failure.value.message.startswith("acme.test failed before customers.create: ")
    assert failure.value.code == "plugin.bad_result"
    assert await instance.emails() == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    "answer",
    [
        "{}",
        "{1: 2}",
        "draft | {1: 2}",
        'draft | {"id": "x"}',
        'draft | {"version": 9}',
        'draft | {"email": None}',
        'draft | {"name": "x" * 201}',
        "draft | {str(n): n for n in range(20_000)}",
        'draft | {"tags": [[]]}',
        'draft | {"name": "a\\x00b"}',
        'draft | {"created_at": "1970-01-01T00:00:00Z"}',
        'draft | {"notes": [[[]]] }',
    ],
)
async def test_a_draft_that_cannot_be_stored_is_not(instance: Instance, answer: str) -> None:
    await instance.attach(f"""
    @before("customers.create")
    def check(self, ctx, draft):
        return {answer}
    """)

    with pytest.raises(InvalidInput) as refusal:
        await instance.customers.create(SYSTEM, {"name": "Ada", "email": "ada@x.example"})

    assert refusal.value.code == "customers.invalid_after_hooks"
    assert await instance.emails() == []


@pytest.mark.anyio
async def test_catching_everything_does_not_help(pool: Pool, instance: Instance) -> None:
    plugin = await make_plugin(
        pool,
        """
    @before("customers.create")
    def check(self, ctx, draft):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                continue
    @before("customers.update")
    def sleep(self, ctx, draft):
        while True:
            try:
                time.sleep(3_600)
            except BaseException:
                continue
    """,
    )
    customer = await instance.customers.create(SYSTEM, {"name": "Ada", "email": "ada@x.example"})
    instance.runtime.attach(plugin)

    with pytest.raises(Failed) as looped:
        await instance.customers.create(SYSTEM, {"name": "Bob", "email": "bob@x.example"})
    with pytest.raises(Failed) as slept:
        await instance.customers.update(SYSTEM, customer.id, {"name": "Eve"})

    assert looped.value.code in ("plugin.deadline", "plugin.out_of_fuel")
    assert slept.value.code == "plugin.deadline"
    assert [each.name for each in (await instance.customers.list(SYSTEM)).items] == ["Ada"]
