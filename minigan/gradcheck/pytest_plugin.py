"""A plugin of pytest: the fixture `gradcheck`, and its options as a marker.

    @pytest.mark.gradcheck(tolerance=1e-12)
    def test_dense(gradcheck):
        gradcheck(forward, backward, x, W)

If a gradient is wrong, the test fails and the report is printed first. pytest imports this file in
every session, so it imports the rest of minigan only when it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from minigan.gradcheck.report import Report

PACKAGE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "gradcheck(tolerance=..., points=..., seed=..., ...): options of the fixture gradcheck, "
        "those of minigan.gradcheck.check",
    )


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Callable[..., Report]:
    """Check gradients: gradcheck(forward, backward, x, W). Options: those of the marker."""
    options: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("gradcheck"))):  # the closest is last
        if marker.args:
            raise pytest.UsageError("write the options of the marker gradcheck as keyword=value")
        options |= marker.kwargs

    def check_or_fail(
        forward: Callable[..., Any], backward: Callable[..., Any], *inputs: Any, **more: Any
    ) -> Report:
        __tracebackhide__ = True
        from minigan.gradcheck import assert_gradients

        return assert_gradients(forward, backward, *inputs, **{**options, **more})

    return check_or_fail


@pytest.hookimpl(hookwrapper=True)  # the newer `wrapper` needs a recent pluggy
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, Any, None]:
    """Replace the traceback of a GradientError by its report and the lines of the test."""
    outcome = yield
    result, excinfo = outcome.get_result(), call.excinfo
    checking = sys.modules.get("minigan.gradcheck.checking")
    if checking and excinfo and isinstance(excinfo.value, checking.GradientError):
        report, crash = excinfo.value.report, getattr(result.longrepr, "reprcrash", None)
        if crash:
            crash.message = str(report).partition("\n")[0]  # for the summary
        traceback = excinfo.traceback.cut(path=item.path)
        result.longrepr = GradientFailure(report, traceback, crash)


class GradientFailure:
    """The text of a failed test: the report, then the lines that called it, without minigan's."""

    def __init__(self, report: Report, traceback: Any, reprcrash: Any) -> None:
        """`reprcrash` is the place and the message in the summary of pytest."""
        self.report, self.reprcrash = report, reprcrash
        outside = [one for one in traceback if PACKAGE not in Path(one.path).parents]
        self.calls = [
            f"{one.path}:{one.lineno + 1}: {str(one.statement).strip()}" for one in outside
        ]

    def __str__(self) -> str:
        """The text without colours, for files and for pytest-xdist."""
        return "\n".join([str(self.report), "", *self.calls])

    def toterminal(self, terminal: Any) -> None:
        """Write the text, in colours if the terminal has them."""
        terminal.line("\n".join([self.report.text(terminal.hasmarkup), "", *self.calls]))
