"""Settings are read exactly; an invalid one is refused by name."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

import pytest

from minigan.errors import UserError
from minigan.system.fields import Limits, read


@dataclass(frozen=True)
class Inner:
    count: int
    rate: float


@dataclass(frozen=True)
class Outer:
    name: str
    sizes: Annotated[tuple[int, ...], Limits(1)]
    inner: Inner


def table(**changes):
    return {"name": "a", "sizes": [2, 3], "inner": {"count": 4, "rate": 0.5}} | changes


def test_a_table_becomes_the_dataclass_and_its_nested_dataclass():
    assert read(Outer, table()) == Outer("a", (2, 3), Inner(4, 0.5))


def test_a_whole_number_is_accepted_where_a_number_is_wanted_and_becomes_a_float():
    rate = read(Inner, {"count": 1, "rate": 2}).rate
    assert rate == 2
    assert type(rate) is float


def test_the_order_of_keys_does_not_matter():
    assert read(Inner, {"rate": 0.5, "count": 4}) == Inner(4, 0.5)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (table(nmae="b"), "there is no nmae; did you mean name?"),
        (table(sized=[1]), "there is no sized; did you mean sizes?"),
        (
            table(inner={"count": 4, "rat": 1.0}),
            r"no inner\.rat; did you mean inner\.rate",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_most_similar_known_key(wrong, sentence):
    with pytest.raises(UserError, match=sentence):
        read(Outer, wrong)


def test_a_key_without_a_similar_known_key_is_refused_with_all_keys():
    with pytest.raises(UserError, match=r"there is no §; use one of name, sizes"):
        read(Outer, table(**{"§": 1}))


@pytest.mark.parametrize("key", ["name", "sizes", "inner"])
def test_a_missing_key_is_refused_by_name(key):
    short = table()
    del short[key]
    with pytest.raises(UserError, match=f"^{key} is missing"):
        read(Outer, short)


def test_a_missing_nested_key_is_refused_with_its_table():
    with pytest.raises(UserError, match=r"^inner\.rate is missing"):
        read(Outer, table(inner={"count": 4}))


@pytest.mark.parametrize("value", [True, 1.0, "1", None, [1], {}])
def test_another_type_than_a_whole_number_is_refused(value):
    with pytest.raises(UserError, match=r"inner\.count = .* must be a whole number$"):
        read(Outer, table(inner={"count": value, "rate": 0.5}))


@pytest.mark.parametrize(
    "value", [True, "0.5", None, [0.5], math.nan, math.inf, -math.inf, 10**400, -(10**400)]
)
def test_another_type_than_a_finite_number_is_refused(value):
    with pytest.raises(UserError, match=r"inner\.rate = .* must be a finite number$"):
        read(Outer, table(inner={"count": 4, "rate": value}))


@pytest.mark.parametrize("value", [1, True, None, ["a"], b"a"])
def test_another_type_than_a_text_is_refused(value):
    with pytest.raises(UserError, match=r"name = .* must be a text$"):
        read(Outer, table(name=value))


@pytest.mark.parametrize("value", [[1.0], [True], ["1"], [1.5, 2], [[1]]])
def test_another_item_than_a_whole_number_is_refused_with_its_position(value):
    with pytest.raises(UserError, match=r"^sizes\[0\] = .* must be a whole number$"):
        read(Outer, table(sizes=value))


@pytest.mark.parametrize("value", [[], 5, "12", (1, 2), None, {}])
def test_a_list_of_sizes_holds_one_or_more_whole_numbers(value):
    with pytest.raises(UserError, match=r"sizes = .* must be a list of one or more whole numbers$"):
        read(Outer, table(sizes=value))


@pytest.mark.parametrize("value", [1, "count", [4, 0.5], None])
def test_a_value_in_place_of_a_nested_table_is_refused(value):
    with pytest.raises(UserError, match=r"inner = .* must be a table of named values$"):
        read(Outer, table(inner=value))


@dataclass(frozen=True)
class Stored:
    share: Annotated[float, Limits(0, 1)]
    word: Annotated[str, Limits(1, 5)] = "a"
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    cell: str | int | float | None = None
    free: Any = None

    def __post_init__(self):
        if self.word == "odd":
            raise ValueError("the word is odd")


INNER = {"count": 1, "rate": 2}


def test_every_kind_of_field_is_read():
    table = {"share": 1, "inner": INNER, "many": [INNER], "texts": {"a": "b"}, "free": [{}]}
    expected = Stored(1.0, "a", Inner(1, 2.0), (Inner(1, 2.0),), {"a": "b"}, None, [{}])
    assert read(Stored, table) == expected
    assert read(Stored, {"share": 0, "inner": None}) == Stored(0.0)


@pytest.mark.parametrize("cell", ["a", 1, 1.5, None])
def test_a_value_of_a_union_keeps_its_type(cell):
    found = read(Stored, {"share": 0, "cell": cell}).cell
    assert found == cell
    assert type(found) is type(cell)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"share": 1.5}, "share = 1.5 must be between 0 and 1"),
        ({"word": ""}, "word = '' must be a text of 1 to 5 characters"),
        ({"word": "toolong"}, "word = 'toolong' must be a text of 1 to 5 characters"),
        ({"inner": 3}, "inner = 3 must be a table of named values"),
        ({"inner": {**INNER, "rate": "x"}}, "inner.rate = 'x' must be a finite number"),
        ({"many": [INNER, {**INNER, "count": None}]}, "many[1].count = null must be a whole"),
        ({"many": {}}, "many = {} must be a list of tables of named values"),
        ({"texts": {"a": 1}}, "texts.a = 1 must be a text"),
        ({"texts": []}, "texts = [] must be a table of named values"),
        ({"cell": [1]}, "cell = [1] must be a text or a whole number or a finite number or null"),
        ({"cell": True}, "cell = true must be a text or a whole number"),
        ({"word": date(2024, 5, 1)}, "word = 2024-05-01 must be a text"),
        ({"word": datetime(2024, 5, 1, 7)}, "word = 2024-05-01T07:00:00 must be a text"),
        ({"word": "odd"}, "record: the word is odd"),
    ],
)
def test_the_error_names_the_field_and_what_it_must_be(change, sentence):
    with pytest.raises(UserError) as refused:
        read(Stored, {"share": 0, **change}, "record.")
    assert sentence in str(refused.value)


def test_other_fields_are_ignored_only_where_they_are_allowed():
    assert read(Inner, {**INNER, "x": 1}, others=True) == Inner(1, 2.0)
    with pytest.raises(UserError, match="there is no x"):
        read(Inner, {**INNER, "x": 1})


@pytest.mark.parametrize("table", [[], None, 1, "x"])
def test_a_table_is_a_table(table):
    with pytest.raises(UserError, match=r"^run must be a table of named values$"):
        read(Inner, table, "run.")


def test_an_error_stays_short_and_quick_for_a_huge_value_or_name():
    deep: Any = "x" * 10**7
    for _ in range(500):
        deep = [deep]
    for wrong in ({**INNER, "count": deep}, {**INNER, "count": "x" * 10**7}):
        with pytest.raises(UserError) as refused:
            read(Inner, wrong)
        assert len(str(refused.value)) < 200
    with pytest.raises(UserError):  # difflib would take minutes for the whole name
        read(Inner, {**INNER, "rate" * 10**6: 1})
