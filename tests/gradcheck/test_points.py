"""The inputs of several points, and the row of the worst one."""

import math

import numpy as np
import pytest

from minigan.gradcheck import GradcheckInputError, check, check_layer
from minigan.gradcheck.points import examples, merged
from minigan.gradcheck.report import Row


def row(verdict, error, name="x", diagnosis=""):
    return Row(name, (2,), "complex step", 2, 2, 1.0, 1.0, error, 1e-10, verdict, diagnosis)


def test_the_points_depend_on_the_seed_and_differ():
    def first(seed):
        points = examples(lambda rng: (rng.normal(size=2),), seed)
        return [next(points)[0].tolist() for _ in range(3)]

    assert first(1) == first(1)
    assert len({str(x) for x in first(1) + first(2)}) == 6


def test_an_example_without_a_parameter_is_one_point():
    assert list(examples(lambda: (1.0, 2.0), 0)) == [(1.0, 2.0)]
    assert list(examples(lambda n=4: (n,), 0)) == [(4,)]
    assert next(examples(lambda *drawn: drawn, 0))


@pytest.mark.parametrize("value", [np.ones(2), [1.0], None])
def test_an_example_must_return_a_tuple(value):
    with pytest.raises(
        GradcheckInputError, match=f"returned {type(value).__name__}; it must return the tuple"
    ):
        next(examples(lambda rng: value, 0))


@pytest.mark.parametrize(
    ("rows", "worst"),
    [
        ([row("pass", 1e-16), row("FAIL", 0.1), row("FAIL", 0.5), row("inconclusive", 9.0)], 2),
        ([row("pass", 1e-16), row("inconclusive", 1e-3), row("pass", 1e-12)], 1),
        ([row("pass", 1e-16), row("pass", 1e-12), row("kink", 1.0)], 1),
        ([row("FAIL", math.nan), row("FAIL", 0.5)], 1),
        ([row("FAIL", 0.5), row("FAIL", math.nan)], 0),
        ([row("FAIL", math.nan), row("pass", 0.5)], 0),
    ],
)
def test_the_row_is_that_of_the_worst_point(rows, worst):
    report = merged([[one] for one in rows])
    assert report.points == len(rows)
    assert report.rows[0].point == worst
    assert report.rows[0].verdict == rows[worst].verdict


def test_each_input_has_its_own_worst_point_and_kinks_are_remarks():
    report = merged(
        [
            [row("kink", 0.0, "a", "at 0"), row("pass", 1e-16, "b")],
            [row("pass", 0.0, "a"), row("FAIL", 1.0, "b")],
        ]
    )
    assert [(one.name, one.point, one.verdict) for one in report.rows] == [
        ("a", 1, "pass"),
        ("b", 1, "FAIL"),
    ]
    assert report.rows[0].diagnosis == "at point 1: at 0"
    assert merged([[row("kink", 0.0)], [row("kink", 0.0)]]).rows[0].verdict == "kink"


def test_a_branch_that_one_point_never_visits_is_found():
    def forward(x):
        return 2 * x if x.real.sum() > 0 else 3 * x

    def example(rng):
        return (rng.normal(size=3),)

    assert not check(forward, lambda dy, x: 2 * dy, example=example, points=8)
    assert check(forward, lambda dy, x: (2 if x.sum() > 0 else 3) * dy, example=example, points=8)
    with pytest.raises(GradcheckInputError, match="both inputs and `example`"):
        check(forward, lambda dy, x: dy, np.ones(2), example=example)
    with pytest.raises(GradcheckInputError, match="both inputs and `example`"):
        check_layer(object(), np.ones(2), example=example)
