"""The options of a check."""

import pytest

from minigan.gradcheck.leaf import GradcheckInputError
from minigan.gradcheck.options import Options


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("tolerance", 0.0, "a positive number"),
        ("tolerance", float("nan"), "a positive number"),
        ("absolute", -1e-9, "0 or a positive number"),
        ("max_entries", 0, "at least 1"),
        ("max_seconds", 0.0, "a positive number"),
        ("points", 0, "at least 1"),
    ],
)
def test_an_option_out_of_range_is_refused(name, value, wanted):
    with pytest.raises(GradcheckInputError) as error:
        Options(**{name: value})
    assert str(error.value) == f"{name} is {value}; it must be {wanted}."


def test_the_smallest_options_are_accepted():
    options = Options(tolerance=1e-300, max_entries=1, max_seconds=1e-9, points=1)
    assert (options.tolerance, options.absolute, options.points) == (1e-300, 0.0, 1)
    assert Options().tolerance is None
