"""Every gradient that minigan ships, held against the complex step: `minigan gradcheck`.

    |analytic - complex step| <= 1e-12 * max|gradient|     for every input and parameter tensor

The code checked is the code that trains, run in float64 and complex128.
"""

from __future__ import annotations

from minigan.gradcheck import Report
from minigan.selfcheck import functions, steps


def check_all() -> Report:
    """One report with a row for every tensor of every layer, objective and whole step."""
    return Report((*functions.check_layers(), *functions.check_objectives(), *steps.check_steps()))
