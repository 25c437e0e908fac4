"""The page of a verification lists failures and what was not done."""

from __future__ import annotations

from minigan.bench.gpu.check import CheckResult
from minigan.bench.gpu.page import verification_page
from minigan.bench.gpu.repeat import RepeatResult
from minigan.bench.gpu.sanitizer import NOT_PRESENT, Finding
from minigan.bench.gpu.verified import Verification
from minigan.bench.tables import Column, Table


def record(**changes):
    fields = {
        "date": "2027-01-01",
        "commit": "abc",
        "changed": True,
        "quick": False,
        "device": {"name": "NVIDIA Something", "driver": None},
        "versions": {"cupy": "14.2.0"},
        "hashes": {},
        "checks": [CheckResult("descent", 0.0, 0.0, "difference")],
        "repeated": [RepeatResult("algorithm1", 100, None)],
        "sanitizer": NOT_PRESENT,
        "timings": [Table("t", "One iteration", (Column("median", "ms"),), ((1.5,),))],
    }
    return Verification(**(fields | changes))


def test_a_record_that_passed_has_its_environment_and_its_tables():
    text = verification_page(record())
    assert "- commit: abc, with changes" in text
    assert "- device: name: NVIDIA Something" in text
    assert "1 of 1 checks passed" in text
    assert "| algorithm1 | 100 | the same bits |" in text
    assert "compute-sanitizer: not present." in text
    assert "## One iteration\n\n| median, ms |" in text
    assert "failed" not in text


def test_failures_come_first_and_nothing_is_timed():
    bad = CheckResult("noise", float("inf"), 0.0, "difference", "RuntimeError: gone")
    text = verification_page(
        record(checks=[bad], timings=[], repeated=[RepeatResult("algorithm1", 100, 10)])
    )
    assert "- noise: RuntimeError: gone" in text
    assert "- two trainings with algorithm1 differ after 10 iterations" in text
    assert text.index("What failed") < text.index("Parity")
    assert "Nothing was timed, because a check failed." in text


def test_every_tool_has_a_verdict_and_a_quick_record_has_a_warning():
    findings = [Finding("memcheck", 0, 0, True, ""), Finding("initcheck", None, 0, False, "x")]
    text = verification_page(record(findings=findings, quick=True, peers="not installed"))
    assert "| memcheck | passed | 0 | 0 |" in text
    assert "| initcheck | did not run |" in text
    assert "this verifies nothing" in text
    assert "PyTorch and JAX: not installed." in text
