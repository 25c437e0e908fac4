"""Check hand-written backward passes with the complex step and central differences.

    L'(x) = Im L(x + ih) / h,   h = 2**-100

>>> from minigan.gradcheck import check
>>> print(check(lambda x: x**3, lambda dy, x: 3 * x**2 * dy, [1.0, 2.0]).passed)
True
"""

from minigan.gradcheck.checking import GradientError, assert_gradients, check
from minigan.gradcheck.file_check import check_file
from minigan.gradcheck.pair import GradcheckInputError
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
    "report_table",
]
