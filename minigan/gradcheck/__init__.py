"""Check hand-written backward passes with the complex step and central differences.

    L'(x) = Im L(x + ih) / h,   h = 2**-300

Each name is imported when it is first used, so that pytest loads the plugin in no time.

>>> from minigan.gradcheck import check
>>> print(check(lambda x: x**3, lambda dy, x: 3 * x**2 * dy, [1.0, 2.0]).passed)
True
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minigan.gradcheck.checking import (
        GradientError,
        assert_gradients,
        check,
        check_layer,
        check_second_order,
    )
    from minigan.gradcheck.file_check import check_file
    from minigan.gradcheck.leaf import GradcheckInputError
    from minigan.gradcheck.report import Report, Row, Worst, report_table

__all__ = [
    "GradcheckInputError",
    "GradientError",
    "Report",
    "Row",
    "Worst",
    "assert_gradients",
    "check",
    "check_file",
    "check_layer",
    "check_second_order",
    "report_table",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name in __all__:
        for module in ("checking", "report", "file_check"):
            found = vars(importlib.import_module(f"minigan.gradcheck.{module}"))
            if name in found:
                globals()[name] = found[name]
                return found[name]
    raise AttributeError(f"module 'minigan.gradcheck' has no attribute {name!r}")
