"""Settings are read exactly; an invalid one is refused by name."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from minigan.errors import UserError
from minigan.training.recipes.settings import one_of, read, within


@dataclass(frozen=True)
class Inner:
    count: int
    rate: float


@dataclass(frozen=True)
class Outer:
    name: str
    sizes: tuple[int, ...]
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
        (table(nmae="b"), "there is no setting nmae; did you mean name?"),
        (table(sized=[1]), "there is no setting sized; did you mean sizes?"),
        (table(inner={"count": 4, "rat": 1.0}), r"no setting inner\.rat; did you mean inner\.rate"),
    ],
)
def test_an_unknown_key_is_refused_with_the_most_similar_known_key(wrong, sentence):
    with pytest.raises(UserError, match=sentence):
        read(Outer, wrong)


def test_a_key_without_a_similar_known_key_is_refused_with_all_keys():
    with pytest.raises(UserError, match=r"there is no setting §; use one of name, sizes"):
        read(Outer, table(**{"§": 1}))


@pytest.mark.parametrize("key", ["name", "sizes", "inner"])
def test_a_missing_key_is_refused_by_name(key):
    short = table()
    del short[key]
    with pytest.raises(UserError, match=f"the setting {key} is missing"):
        read(Outer, short)


def test_a_missing_nested_key_is_refused_with_its_table():
    with pytest.raises(UserError, match=r"the setting inner\.rate is missing"):
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


@pytest.mark.parametrize("value", [[], [1.0], [True], ["1"], [1, 2.5], [[1]], 5, "12", (1, 2)])
def test_a_list_of_sizes_holds_one_or_more_whole_numbers(value):
    with pytest.raises(UserError, match=r"sizes = .* must be a list of one or more whole numbers$"):
        read(Outer, table(sizes=value))


@pytest.mark.parametrize("value", [1, "count", [4, 0.5], None])
def test_a_value_in_place_of_a_nested_table_is_refused(value):
    with pytest.raises(UserError, match=r"inner must be a table of settings, \[inner\]"):
        read(Outer, table(inner=value))


def test_a_value_that_is_not_a_choice_is_refused_with_all_choices():
    one_of("order", "epochs", ("independent", "epochs"))
    with pytest.raises(
        UserError,
        match=r"order = 'epoch' must be one of independent, epochs$",
    ):
        one_of("order", "epoch", ("independent", "epochs"))
    with pytest.raises(UserError, match="order = '' must be one of"):
        one_of("order", "", ("independent", "epochs"))


@pytest.mark.parametrize("value", [0, 0.5, 1])
def test_both_ends_of_a_range_are_valid(value):
    within("rate", value, 0, 1)


@pytest.mark.parametrize("value", [-1e-300, 1 + 1e-15, math.nan, math.inf])
def test_a_number_outside_its_range_is_refused_by_name_nan_included(value):
    with pytest.raises(UserError, match=r"rate = .* must be between 0 and 1"):
        within("rate", value, 0, 1)
