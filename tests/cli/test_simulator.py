"""The simulated host and the real sandbox together: what a plugin gets, and what becomes of what it does."""

from collections.abc import Iterator

import pytest

from support.simulating import Workshop, workshop

ADA = {"name": "Ada", "email": "ada@home.example"}


@pytest.fixture(scope="module")
def shop() -> Iterator[Workshop]:
    with workshop() as shop:
        yield shop


def indented(body: str) -> str:
    return "\n".join(f"    {line}" for line in body.splitlines())


def route(body: str, path: str = "/x", method: str = "GET") -> str:
    return f'@route("{method}", "{path}")\ndef x(self, ctx, request):\n{indented(body)}'


def hook(body: str, point: str = "customers.create") -> str:
    return f'@before("{point}")\ndef x(self, ctx, draft):\n{indented(body)}'


def test_a_request_arrives_as_it_was_written(shop: Workshop) -> None:
    body = route("return [request.params, request.query, request.body, request.method]", "/a/{b}/c", "POST")
    told = shop.call(body, "POST /a/%C3%A4%20/c?q=1&q=2&e=", {"n": [1, None]})
    assert told.body == [{"b": "ä "}, {"q": "2", "e": ""}, {"n": [1, None]}, "POST"]


def test_status_and_headers_come_out_as_an_instance_would_send_them(shop: Workshop) -> None:
    body = route('return Response("x", status=201, headers={"ETag": "1", "Set-Cookie": "a=b"})')
    assert shop.call(body, "GET /x").result == {"status": 201, "headers": {"etag": "1"}, "body": "x"}


def test_a_hook_sees_a_whole_customer_and_what_it_returns_is_what_is_stored(shop: Workshop) -> None:
    told = shop.call(
        hook('return draft | {"city": " Rom ", "tags": [str(len(draft))]}'), "before customers.create", ADA
    )
    assert (told.result["city"], told.result["name"], told.result["tags"]) == ("Rom", "Ada", ["13"])


def test_a_hook_without_a_customer_gets_one(shop: Workshop) -> None:
    assert shop.call(hook("return None"), "before customers.create").result["email"] == "nora.newcomer@home.example"


def test_several_hooks_run_one_after_the_other(shop: Workshop) -> None:
    body = hook('return draft | {"notes": draft["notes"] + "x"}')
    told = shop.call(body + "\n" + body.replace("def x", "def y"), "before customers.create", ADA)
    assert told.result["notes"] == "xx"


def test_a_customer_that_no_host_would_take_never_reaches_the_hook(shop: Workshop) -> None:
    told = shop.call(hook('print("reached")'), "before customers.create", {"name": "", "email": "nonsense"})
    assert (told.code, told.log) == ("customers.invalid", [])


@pytest.mark.parametrize("payload", [3, [], "x", {"colour": "red"}])
@pytest.mark.parametrize("point", ["customers.create", "customers.update"])
def test_a_payload_that_is_no_customer(shop: Workshop, point: str, payload: object) -> None:
    assert shop.call(hook("return draft", point), f"before {point}", payload).code == "customers.invalid"


def test_a_hook_that_makes_what_cannot_be_stored(shop: Workshop) -> None:
    told = shop.call(hook('return draft | {"email": "nonsense"}'), "before customers.create", ADA)
    assert (told.code, told.error and told.error.place) == ("customers.invalid_after_hooks", "email")


def test_a_hook_on_a_change_sees_what_the_customer_is_to_become(shop: Workshop) -> None:
    told = shop.call(
        hook("return draft | {'city': 'Rom'}", "customers.update"), "before customers.update", {"phone": "1"}
    )
    assert (told.result["name"], told.result["phone"], told.result["city"]) == ("Ada Abel", "1", "Rom")


@pytest.mark.parametrize(
    ("customer_id", "message"),
    [
        ("00000000-0000-7000-8000-000000000002", "Bruno Brandt"),
        ("00000000-0000-7000-8000-00000000ffff", "There is no customer with this id."),
        (3, "This is no id of a customer."),
    ],
)
def test_an_id_chooses_the_customer(shop: Workshop, customer_id: object, message: str) -> None:
    body = hook('raise Refuse(draft["name"])', "customers.delete")
    told = shop.call(body, "before customers.delete", {"id": customer_id})
    assert told.error is not None
    assert told.error.message == message


def test_a_moment_of_its_life(shop: Workshop) -> None:
    told = shop.call("def on_activate(self, ctx):\n    ctx.log.info('up')", "on_activate")
    assert (told.result, told.log) == (None, ["up"])


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("GET /y", "call.not_answered"),
        ("POST /x", "plugin.method_not_allowed"),
        ("before customers.create", "call.not_answered"),
        ("on_install", "call.not_answered"),
    ],
)
def test_what_the_plugin_does_not_answer(shop: Workshop, target: str, code: str) -> None:
    assert shop.call(route("return 1"), target).code == code


def test_a_delete_that_nobody_minds_has_no_result(shop: Workshop) -> None:
    assert shop.call(hook("return {'x': 1}", "customers.delete"), "before customers.delete").result is None


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("ctx.customers.count()", "permission.denied"),
        ("ctx.customers.list(colour='red')", "permission.denied"),
        ("ctx.customers.create(name='A', email='a@b.example')", "permission.denied"),
        ("ctx.storage.set('', 1)", "host.invalid"),
        ("ctx.storage.set('x', 'y' * 70_000)", "storage.value_too_large"),
        ("ctx.storage.list('', limit=0)", "host.invalid"),
        ("ctx.log.info('x' * 70_000)", "plugin.log_limit"),
    ],
)
def test_it_refuses_what_an_instance_refuses(shop: Workshop, expression: str, code: str) -> None:
    body = route(f"try:\n    {expression}\nexcept Exception as error:\n    return error.code")
    told = shop.call(body, "GET /x")
    assert (told.body, told.refused) == (code, [code])


def test_a_granted_permission_is_enough(shop: Workshop) -> None:
    create = 'made = ctx.customers.create(name="A", email="a@b.example")\n'
    body = route(create + 'return ctx.customers.get(made["id"])["email"]')
    told = shop.call(body, "GET /x", permissions=("customers.create", "customers.read"))
    assert (told.body, told.refused) == ("a@b.example", [None, None])


def test_two_runs_of_one_call_are_equal(shop: Workshop) -> None:
    body = route(
        "import random, time, uuid, datetime\n"
        "made = ctx.customers.create(name='A', email='a@b.example')\n"
        "now = datetime.datetime.now()\n"
        "return [str(uuid.uuid4()), random.random(), time.time(), str(now), list({'a', 'b', 'c'}), made]"
    )
    one, two = (shop.call(body, "GET /x", permissions=("customers.create",)) for _ in range(2))
    other = shop.call(body, "GET /x", permissions=("customers.create",), seed=b"t")
    assert (one.result, one.simulator.fuel) == (two.result, two.simulator.fuel)
    assert one.body[0] != other.body[0]
    assert one.body[3].startswith("2030-01-31 12:00:00")
    assert one.body[5]["created_at"].startswith("2030-01-31T12:00:00")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("1 / 0", "plugin.raised"),
        ("return object()", "plugin.bad_result"),
        ("return 'nothing'", "plugin.bad_result"),
        ("while True: pass", "plugin.out_of_fuel"),
        ("import time; time.sleep(3600)", "plugin.deadline"),
        ("x = []\nwhile True: x.append('x' * 1_000_000)", "plugin.out_of_memory"),
        ("def f(): f()\nf()", "plugin.recursion"),
        ("while True: print('x' * 1_000)", "plugin.log_limit"),
        ("while True: ctx.storage.count()", "plugin.host_call_limit"),
    ],
)
def test_whatever_a_plugin_does_has_its_code(shop: Workshop, body: str, code: str) -> None:
    told = shop.call(hook(body), "before customers.create")
    # A machine that is busy may reach the second of a hook before any other limit.
    assert told.code in {code, "plugin.deadline"}
    assert shop.call(route("return 1"), "GET /x").body == 1


def test_what_it_raised_is_placed_in_the_authors_own_file(shop: Workshop) -> None:
    told = shop.call(route("return 1 / 0"), "GET /x")
    assert told.error is not None
    assert told.error.place == "acme_hello/__init__.py:7"


def test_what_it_does_not_answer_is_said_with_what_it_does(shop: Workshop) -> None:
    told = shop.call(route("return 1") + "\n" + hook("return draft").replace("def x", "def y"), "GET /y")
    assert told.error is not None
    assert (told.code, told.error.next_step) == ("call.not_answered", "It has GET /x, before customers.create.")
