"""Check every gradient of minigan with the complex step: the command `minigan gradcheck`.

    |analytic - complex step| <= 1e-12 * max|gradient|     for every input and parameter tensor

The checked functions are those that training uses, called with float64 and complex128 arrays.
"""

from __future__ import annotations

from minigan.gradcheck import Report
from minigan.selfcheck import built_in, inference, logistic_head, relatives, second_order, steps
from minigan.selfcheck.functions import check_network_layer, check_objective

__all__ = ["check_all", "check_network_layer", "check_objective"]


def check_all() -> Report:
    """One report of all rows: layers, objectives, steps, penalties, inference, head, relatives."""
    return Report(
        (
            *built_in.check_layers(),
            *built_in.check_objectives(),
            *steps.check_steps(),
            *second_order.check_penalties(),
            *inference.check_inference(),
            *logistic_head.check_logistic_head(),
            *relatives.check_relatives(),
        )
    )
