"""Leaves and their names, containers rebuilt in kind, and gradients built like their inputs."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

from minigan.gradcheck.structure import flatten, is_array_of_numbers, match, rebuild

State = namedtuple("State", "h c")
W, B = np.ones((2, 3)), np.zeros(3)


@dataclass(frozen=True)
class Cell:
    W: object
    b: object = None


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (W, ["p"]),
        ([1.0, 2.0], ["p"]),
        ([[1, 2], [3, 4]], ["p"]),
        ([W, B], ["p[0]", "p[1]"]),
        (({"a": W}, [B, "mean"]), ["p[0]['a']", "p[1][0]", "p[1][1]"]),
        ([[1.0], [2.0, 3.0]], ["p[0]", "p[1]"]),
        (State(W, [B]), ["p.h", "p.c[0]"]),
        (Cell(W, {"x": B}), ["p.W", "p.b['x']"]),
        ({}, []),
        (None, ["p"]),
        (Cell, ["p"]),
    ],
)
def test_each_leaf_has_the_name_that_python_uses(value, names):
    assert [name for name, _ in flatten(value, "p")] == names


@pytest.mark.parametrize("value", [(1, 2.5), [np.float32(1), True], [[1, 2], [3, 4]]])
def test_lists_of_numbers_are_arrays(value):
    assert is_array_of_numbers(value)


@pytest.mark.parametrize("value", [[], [1, "a"], [[1], [2, 3]], [W], State(1.0, 2.0), 3.0, [None]])
def test_other_lists_are_containers(value):
    assert not is_array_of_numbers(value)


@pytest.mark.parametrize(
    "value",
    [
        [W, (B, "mean")],
        OrderedDict(a=W, b=[B]),
        State(W, B),
        Cell({"x": W}, B),
        W,
    ],
)
def test_rebuilding_keeps_the_kind_and_the_order_and_not_the_leaves(value):
    before = [leaf for _, leaf in flatten(value, "")]
    new = rebuild(value, iter([np.full(1, i) for i in range(len(before))]))
    assert type(new) is type(value)
    assert [leaf.tolist() for _, leaf in flatten(new, "")] == [[i] for i in range(len(before))]
    assert all(old is leaf for old, (_, leaf) in zip(before, flatten(value, ""), strict=True))


def test_a_gradient_is_matched_by_its_structure():
    value = {"W": W, "b": [B, B]}
    assert match(value, {"b": (1, 2), "W": 3}, "p") == [
        ("p['W']", 3),
        ("p['b'][0]", 1),
        ("p['b'][1]", 2),
    ]
    assert match(Cell(W, B), {"b": 1, "W": 2}, "p") == [("p.W", 2), ("p.b", 1)]
    assert match(State(W, B), {"c": 1, "h": 2}, "p") == [("p.h", 2), ("p.c", 1)]
    assert match(State(W, B), (1, 2), "p") == [("p.h", 1), ("p.c", 2)]
    assert match(Cell(W, B), Cell(1, 2), "p") == [("p.W", 1), ("p.b", 2)]
    assert [item for _, item in match([B, B], np.arange(2), "p")] == [0, 1]


def test_names_of_gradients_may_have_a_d_in_front():
    value = {"W": W, "layer": {"b": B, "db": B}}
    assert match(value, {"dW": 1, "dlayer": {"db": 2}}, "p") == [
        ("p['W']", 1),
        ("p['layer']['b']", None),
        ("p['layer']['db']", 2),
    ]
    assert match({"b": B}, {"db": 1}, "p['d']") == [("p['d']['b']", 1)]
    assert match(Cell(W, B), {"dW": 1, "db": 2}, "p") == [("p.W", 1), ("p.b", 2)]


def test_what_is_not_returned_is_missing():
    assert match([W, {"b": B}], None, "p") == [("p[0]", None), ("p[1]['b']", None)]
    assert match({"W": W, "b": B}, {"b": 1}, "p") == [("p['W']", None), ("p['b']", 1)]
    assert match([W, B], [None, 1], "p") == [("p[0]", None), ("p[1]", 1)]


@pytest.mark.parametrize(
    ("value", "gradient", "message"),
    [
        (W, [B, B], "the gradient of p is a list of 2 items, p is not"),
        (W, {"W": B}, "the gradient of p is a dict of 1 items, p is not"),
        ([W, B], [W], r"the gradient of p has 1 items, p has 2"),
        ({"a": [W, B]}, {"a": [W, B, B]}, r"the gradient of p\['a'\] has 3 items, p\['a'\] has 2"),
        ({"a": W}, {"A": W}, r"a gradient for p\['A'\], which is no input"),
        ({"a": W}, {"dA": W}, r"a gradient for p\['dA'\], which is no input"),
        (Cell(W), {"V": W}, r"a gradient for p\.V, which is no input"),
        ({"a": W}, W, "is of type ndarray; p is a dict of 1 items, and so must be its gradient"),
        ({"a": W}, [W], "is of type list; p is a dict of 1 items"),
        ([W, B], {"a": W}, "a gradient for p\\['a'\\], which is no input"),
    ],
)
def test_a_gradient_of_another_structure_is_one_sentence(value, gradient, message):
    with pytest.raises(ValueError, match=message):
        match(value, gradient, "p")
