"""A measured number with its unit."""

from __future__ import annotations

from minigan.reports.table2.measured import Measured


def test_a_number_may_have_no_details_and_shares_none() -> None:
    one, other = Measured(1.0, "nats"), Measured(1.0, "nats")
    one.details["a"] = 1
    assert other == Measured(1.0, "nats", {})
