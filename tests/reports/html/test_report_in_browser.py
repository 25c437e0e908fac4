"""The HTML report of a run in Chromium: slider, curves, phone, dark mode, policy, no request."""

from __future__ import annotations

import browser_report
import pytest
from runs_of import train

from minigan.reports import html


@pytest.mark.browser
def test_every_check_of_the_report_passes(tmp_path):
    run = train(tmp_path / "run").run.path
    browser_report.check(html.write(run, tmp_path / "report.html"), tmp_path / "pictures")
    assert len(list((tmp_path / "pictures").iterdir())) == 3
