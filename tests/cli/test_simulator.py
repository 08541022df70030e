"""A host of the moment and the real sandbox together: what a plugin gets, and what becomes of what it does."""

from collections.abc import Iterator

import pytest

from support.simulating import Workshop, workshop

READ_ALL = ("customers.read", "appointments.read", "requests.read", "users.read")
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
        ("00000000-0000-7000-8000-00000000ffff", "There is no customer with this id."),
        (3, "This is no id."),
    ],
)
def test_an_id_that_chooses_no_customer(shop: Workshop, customer_id: object, message: str) -> None:
    body = hook('raise Refuse(draft["name"])', "customers.delete")
    told = shop.call(body, "before customers.delete", {"id": customer_id})
    assert told.error is not None
    assert told.error.message == message


def test_an_id_from_another_call_chooses_the_same_customer(shop: Workshop) -> None:
    listing = route("return [one['id'] for one in ctx.customers.list(search='bruno brandt')['items']]")
    [customer_id] = shop.call(listing, "GET /x", permissions=("customers.read",)).body
    told = shop.call(
        hook('raise Refuse(draft["name"])', "customers.delete"), "before customers.delete", {"id": customer_id}
    )
    assert told.error is not None
    assert told.error.message == "Bruno Brandt"


def test_what_a_hook_writes_itself_does_not_set_it_off_again(shop: Workshop) -> None:
    body = hook("ctx.customers.create(name='B', email='b@home.example')")
    told = shop.call(body, "before customers.create", ADA, permissions=("customers.create",))
    assert (told.result["name"], told.refused) == ("Ada", [None])


def test_a_customer_whose_address_is_taken_is_refused_as_in_an_instance(shop: Workshop) -> None:
    taken = ADA | {"email": "ada.abel@amber-gardens.example"}
    assert shop.call(hook("return None"), "before customers.create", taken).code == "customers.email_taken"


def event(body: str, name: str = "customers.create") -> str:
    return f'@after("{name}")\ndef x(self, ctx, event):\n{indented(body)}'


SHOW = 'ctx.log.info("told", **{"was": event.before, "is": event.after, "at": event.at, "user": event.user})'


@pytest.mark.parametrize(
    ("name", "payload", "was", "field", "value"),
    [
        ("customers.create", None, None, "email", "nora.newcomer@home.example"),
        ("customers.create", ADA, None, "email", "ada@home.example"),
        ("customers.update", None, "", "phone", "+33 4 72 00 00 01"),
        ("customers.update", {"city": " Rom "}, "Berlin", "city", "Rom"),
        ("customers.delete", None, "Ada Abel", "name", None),
        ("appointments.create", None, None, "title", "First talk"),
        ("appointments.update", None, "", "location", "At the customer's"),
        ("appointment.status_changed", None, "completed", "status", "cancelled"),
        ("appointment.status_changed", {"status": "planned"}, "completed", "status", "planned"),
        ("requests.create", None, None, "source", "website"),
        ("requests.update", None, "", "status", "in_progress"),
        ("request.converted", None, "new", "status", "completed"),
        ("request.converted", {"appointment": {"starts_at": "2030-05-01T12:00:00Z"}}, "", "status", "completed"),
        ("user.logged_in", None, None, "name", "the author"),
        ("user.logged_in", {"id": "1", "name": "Ada"}, None, "name", "Ada"),
    ],
)
def test_an_event_happens_and_its_handler_is_told(
    shop: Workshop, name: str, payload: object, was: str | None, field: str, value: str | None
) -> None:
    told = shop.call(event(SHOW, name), f"after {name}", payload, permissions=READ_ALL)
    assert (told.result, told.error, told.log) == (None, None, ["told"])
    details = told.simulator.log.lines[0].details
    assert (details["is"] and details["is"][field]) == value
    assert (details["was"] is None) == (was is None)
    assert not was or details["was"][field] == was
    assert (details["at"][:16], details["user"]) == ("2030-01-31T12:00", "the author")


def test_a_handler_finds_what_it_was_told_of(shop: Workshop) -> None:
    body = event("ctx.log.info(ctx.customers.get(event.entity_id)['name'])")
    told = shop.call(body, "after customers.create", ADA, permissions=READ_ALL)
    assert (told.log, told.refused) == (["Ada"], [None, None])


def test_an_event_of_a_plugin_says_what_the_payload_says(shop: Workshop) -> None:
    body = event("ctx.log.info(f'{event.plugin} {event.payload} {event.depth}')", "acme.loyalty:level_reached")
    told = shop.call(body, "after acme.loyalty:level_reached", {"level": 2})
    assert told.log == ["acme.loyalty {'level': 2} 0"]
    assert shop.call(body, "after acme.loyalty:level_reached").log == ["acme.loyalty None 0"]


@pytest.mark.parametrize(
    ("name", "payload", "code"),
    [
        ("customers.update", {}, "call.bad_payload"),
        ("customers.update", {"id": 3}, "call.bad_payload"),
        ("customers.update", [], "customers.invalid"),
        ("customers.create", {"name": ""}, "customers.invalid"),
        ("appointment.status_changed", {"location": "Rom"}, "call.bad_payload"),
        ("request.converted", {"status": "lost"}, "requests.invalid"),
        ("user.logged_in", ["Ada"], "call.bad_payload"),
    ],
)
def test_a_payload_that_leads_to_no_event(shop: Workshop, name: str, payload: object, code: str) -> None:
    told = shop.call(event("print('told')", name), f"after {name}", payload, permissions=READ_ALL)
    assert (told.code, told.log) == (code, [])


def test_a_hook_on_what_there_is_no_customer_in_gets_something_as_well(shop: Workshop) -> None:
    for noun, field in (("appointments", "title"), ("requests", "email")):
        body = hook(f"ctx.log.info(draft['{field}'])", f"{noun}.create")
        assert shop.call(body, f"before {noun}.create", permissions=READ_ALL).log


def test_a_schedule_runs_at_once(shop: Workshop) -> None:
    body = "@schedule('0 7 * * *')\ndef digest(self, ctx):\n    ctx.log.info(str(ctx.time.now()))"
    told = shop.call(body, "schedule digest")
    assert (told.result, told.log) == (None, ["2030-01-31 12:00:00+00:00"])
    assert shop.call(body, "schedule weekly").code == "call.not_answered"


def test_a_moment_of_its_life(shop: Workshop) -> None:
    told = shop.call("def on_activate(self, ctx):\n    ctx.log.info('up')", "on_activate")
    assert (told.result, told.log) == (None, ["up"])


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("GET /y", "call.not_answered"),
        ("POST /x", "plugin.method_not_allowed"),
        ("before customers.create", "call.not_answered"),
        ("after customers.create", "call.not_answered"),
        ("schedule x", "call.not_answered"),
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
    parts = [hook("return draft").replace("def x", "def y"), event("pass").replace("def x", "def z")]
    parts += ["@schedule('0 7 * * *')\ndef digest(self, ctx):\n    pass"]
    told = shop.call("\n".join([route("return 1"), *parts]), "GET /y")
    assert told.error is not None
    has = "It has GET /x, before customers.create, after customers.create, schedule digest."
    assert (told.code, told.error.next_step) == ("call.not_answered", has)


def test_an_update_is_told_the_version_before(shop: Workshop) -> None:
    told = shop.call("def on_update(self, ctx, from_version):\n    ctx.log.info(from_version)", "on_update", "0.9.0")
    assert told.log == ["0.9.0"]


def component(body: str) -> str:
    return f'@component("page", title="A")\ndef x(self, ctx, props):\n{indented(body)}'


def test_a_component_is_shown_as_an_instance_would_check_it(shop: Workshop) -> None:
    told = shop.call(component('return ui.Text(props["query"]["page"])'), "component x", {"query": {"page": "2"}})
    assert told.result == [{"type": "Text", "text": "2", "style": "normal"}]
    assert shop.call(component('return ui.Link("a", "javascript:x")'), "component x").code == "ui.invalid_tree"
    assert shop.call(component("return 1"), "component x", {"page": 1}).code == "ui.bad_props"
    assert shop.call(component("return 1"), "component y").code == "call.not_answered"


def test_an_action_is_called_with_its_values(shop: Workshop) -> None:
    body = '@action\ndef x(self, ctx, values):\n    return ui.Done(values["a"])'
    assert shop.call(body, "action x", {"a": "done"}).result == {"message": "done"}
    assert shop.call(body, "action y").code == "call.not_answered"
