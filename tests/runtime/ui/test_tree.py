"""What plugins return to be shown: what is taken, and the sentence and place that everything else gets."""

import inspect
import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.runtime.ui import InvalidTree, Known, TreeLimits, acted_of, tree_of
from rising_bsm.runtime.ui.fields import Form
from rising_bsm.runtime.ui.leaves import Node
from rising_bsm.runtime.ui.raw import harmless
from rising_bsm_sdk import Plugin, action, ui
from rising_bsm_sdk.ui.node import tree
from support.trees import HARMLESS, KNOWN, REFUSED, button, field, form, link, node, table

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
NODES = st.recursive(
    st.builds(lambda text: node("Text", text=text), st.text()),
    lambda inner: st.builds(
        lambda kind, children: node(kind, children=children),
        st.sampled_from(["Card", "Grid", "Row", "List"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


class Sample(Plugin):
    @action
    def save(self, ctx: Any, values: Any) -> None: ...

    def unmarked(self, ctx: Any, values: Any) -> None: ...


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_tree_is_refused_with_its_sentence(name: str) -> None:
    hostile, sentence = REFUSED[name]
    with pytest.raises(InvalidTree) as refusal:
        tree_of([hostile], KNOWN)
    assert sentence in refusal.value.message
    assert refusal.value.code == "ui.invalid_tree"


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_only_text_is_taken(name: str) -> None:
    assert len(tree_of([HARMLESS[name]], KNOWN)) == 1


def test_the_shelf_is_long_enough() -> None:
    assert len(REFUSED) + len(HARMLESS) >= 100


@given(JSON)
def test_whatever_comes_is_a_tree_or_refused(value: Any) -> None:
    for given_ in (value, [value], [node("Card", children=[value])]):
        with suppress(InvalidTree):
            tree_of(given_, KNOWN)


@given(st.lists(NODES, max_size=5))
def test_texts_of_every_kind_come_through_harmless(nodes: list[Any]) -> None:
    said = json.dumps(msgspec.to_builtins(tree_of(nodes, KNOWN, TreeLimits(depth=40))), ensure_ascii=False)
    assert said.encode()
    assert not {"\u202e", "\u2066", "\x1b", "\x00"} & set(said)


@given(st.text())
def test_a_harmless_text_stays_as_it_is(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)
    assert harmless("Grüße, 世界 👩‍🚒\n\tשלום") == "Grüße, 世界 👩‍🚒\n\tשלום"


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (node("Card", children=[node("Text", text="a"), node("Stat", label="a", value=[])]), "Card.children[1].value"),
        (node("Card", children=[node("Text", text="x" * 20_000)]), "Card.children[0].text"),
        (node("Card", children=[node("Card", children=[link("javascript:x")])]), "Card.children[0].children[0]"),
        (table(node("Line", cells={"name": button(action="none")})), "Table.lines[0].cells.name"),
        (form(field("NumberField", value="1")), "Form.fields[0].value"),
        (node("Text", text="a", onclick="x"), "Text"),
    ],
)
def test_the_place_of_what_is_wrong_is_said(value: Any, place: str) -> None:
    with pytest.raises(InvalidTree) as refusal:
        tree_of([value], KNOWN)
    assert refusal.value.place == place


@pytest.mark.parametrize(
    "to",
    [
        *("members", "/", "/customers", "/customers/0190-ab", "/requests?status=new&page=2"),
        *("https://example.com", "https://example.com/a?b=c#d", "HTTPS://EXAMPLE.com/", "mailto:a.b+c@d.example"),
        "tel:+4930123456",
    ],
)
def test_links_lead_where_people_want_to_go(to: str) -> None:
    assert tree_of([link(to)], KNOWN)


def test_an_action_answers_with_a_tree_a_message_or_a_way() -> None:
    shown = acted_of({"tree": [node("Text", text="a")]}, KNOWN)
    done = acted_of({"message": "Saved\x1b", "state": {"step": 2}}, KNOWN)
    led = acted_of({"redirect": link("members", query={"a": "b"})}, KNOWN)
    assert (shown.tree is not None, done.message, done.state) == (True, "Saved", {"step": 2})
    assert led.redirect is not None
    assert (acted_of({}, KNOWN).message, acted_of({"state": None}, KNOWN).state) == ("", None)


@pytest.mark.parametrize(
    "answer",
    [
        *({"redirect": link("https://evil.example")}, {"redirect": link("//evil.example")}, {"redirect": "/customers"}),
        *({"redirect": link("mailto:a@b.example")}, {"message": 1}, {"html": "<b>"}, {"state": {"a": "b" * 9_000}}),
        *([], None, "Saved", {"state": [1]}, {"tree": node("Text", text="a")}),
    ],
)
def test_an_action_leads_nowhere_else(answer: Any) -> None:
    with pytest.raises(InvalidTree):
        acted_of(answer, KNOWN)


def test_every_node_of_the_sdk_is_known_here_with_the_same_parts() -> None:
    ours = {kind.__name__: kind for kind in _below(Node) if not kind.__name__.startswith("_")}
    theirs = {name: getattr(ui, name) for name in ui.__all__ if inspect.isclass(getattr(ui, name))}
    theirs = {name: kind for name, kind in theirs.items() if issubclass(kind, ui.Node)}
    assert set(theirs) - set(ours) == {"Node", "Field", "Hidden"}
    assert set(ours) <= set(theirs)
    for name, kind in ours.items():
        taken = {*inspect.signature(theirs[name].__init__).parameters} - {"self"}
        others = {"items": "children", "tabs": "children", "moments": "children"}
        extra = {"values"} if kind is Form else set()
        assert {others.get(one, one) for one in taken} | extra == set(kind.__struct_fields__), name


def _below(kind: type[Any]) -> list[type[Any]]:
    return [one for child in kind.__subclasses__() for one in (child, *_below(child))]


def test_what_the_sdk_makes_is_taken_here() -> None:
    save = Sample().save
    made = ui.Page(
        "Members",
        "a text",
        3,
        None,
        [ui.Badge("new", tone="success"), [ui.Code("x = 1")]],
        ui.Grid(ui.Stat("Gold", 12, change="+3"), ui.Progress(3, label="Done"), columns=3),
        ui.Table(
            [ui.Column("name", "Name", sortable=True), ui.Column("n", "Number", align="end")],
            [
                ui.Line({"name": ui.Link("Ada", "/customers/1"), "n": 3}, actions=[ui.Button("Reset", save)]),
                {"n": None},
            ],
            label="All",
        ),
        ui.Form(
            ui.Hidden("id", 3),
            ui.TextField("name", "Name", required=True),
            ui.Select("level", "Level", {"g": "Gold"}, value="g"),
            ui.MultiSelect("days", "Days", ["Mo", "Tu"], value=["Mo"]),
            action=save,
        ),
        ui.Tabs(ui.Tab("One", ui.Markdown("*a*")), label="Parts"),
        ui.Modal("More", "More of it", ui.Timeline(ui.Moment("Began", at="2030-01-31"))),
        ui.Chart("line", ["a", "b"], {"visits": [1, None]}, title="Visits", unit="kg"),
        ui.Empty("Nothing yet", ui.Image("a.png", "A")),
        ui.Alert("Look out"),
    )
    (page,) = tree_of(tree(made), Known({"save"}))
    assert len(page.children) == 12
    assert page.children[6].values == {"id": 3}


def test_only_marked_methods_can_be_called() -> None:
    for wrong in (Sample().unmarked, "save", print, None):
        with pytest.raises(TypeError, match="@action"):
            ui.Button("Save", wrong)


def test_what_cannot_be_shown_is_said_to_its_author() -> None:
    with pytest.raises(TypeError, match="object is nothing that can be shown"):
        tree(ui.Stat("a", object()))


def test_nodes_do_not_change() -> None:
    text = ui.Text("a")
    with pytest.raises(AttributeError, match="does not change"):
        text.text = "b"
    assert text == ui.Text("a") != ui.Text("b")
    assert "ui.Text(text='a'" in repr(text)
