"""The record contains the results, and the sentence in the docs is the status of the record."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from minigan.bench.gpu.check import CheckResult
from minigan.bench.gpu.repeat import RepeatResult
from minigan.bench.gpu.sanitizer import Finding
from minigan.bench.gpu.verified import NAME, NOT_RUN, Verification, read, source_hashes, status
from minigan.errors import UserError

ROOT = Path(__file__).parents[3]
GOOD = CheckResult("descent", 0.0, 0.0, "largest difference")
BAD = CheckResult("noise", float("inf"), 0.0, "largest difference")


def record(**changes):
    fields = {
        "date": "2027-01-01T00:00:00+00:00",
        "commit": "0123456789abcdef" * 2 + "01234567",
        "changed": False,
        "quick": False,
        "device": {"name": "NVIDIA Something"},
        "versions": {},
        "hashes": source_hashes(),
        "checks": [GOOD],
        "repeated": [RepeatResult("algorithm1", 100, None)],
    }
    return Verification(**(fields | changes))


def status_of(tmp_path, **changes):
    path = tmp_path / NAME
    path.write_text(record(**changes).to_json())
    return status(path)


def test_the_docs_contain_the_status_of_the_record():
    page = (ROOT / "docs" / "backends.md").read_text("utf-8")
    (sentence,) = re.findall(r"<!-- gpu -->\n(.*)\n<!-- end -->", page)
    assert sentence == status(ROOT / NAME)


def test_without_a_record_the_status_is_not_run(tmp_path):
    assert status(tmp_path / NAME) == NOT_RUN == "not yet run on a GPU"


def test_a_record_that_passed_verifies_its_device_at_its_commit(tmp_path):
    assert status_of(tmp_path) == "verified on NVIDIA Something at 0123456789ab"
    assert status_of(tmp_path, changed=True).endswith("at 0123456789ab with changes")
    assert status_of(tmp_path, commit=None).endswith("at an unknown commit")


def test_kernels_that_have_changed_since_are_part_of_the_status(tmp_path):
    others = source_hashes() | {"backends/cuda/kernels.cu": "0" * 64}
    assert status_of(tmp_path, hashes=others) == (
        "verified on NVIDIA Something at 0123456789ab; the kernels have changed since"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"checks": [GOOD, BAD]},
        {"repeated": [RepeatResult("algorithm1", 100, 10)]},
        {"findings": [Finding("memcheck", 3, 3, True, "")]},
    ],
)
def test_one_failure_means_not_verified(tmp_path, changes):
    assert status_of(tmp_path, **changes) == (
        "run on NVIDIA Something at 0123456789ab, where 1 check failed"
    )
    assert len(record(**changes).failures) == 1


def test_a_quick_record_verifies_nothing(tmp_path):
    assert status_of(tmp_path, quick=True) == (
        "run with --quick on NVIDIA Something at 0123456789ab, not verified"
    )


def test_a_record_without_checks_has_not_passed():
    assert not record(checks=[]).passed
    assert not record(repeated=[]).passed
    assert record(findings=[Finding("memcheck", None, 0, False, "no")]).passed  # nothing is known


def test_the_hashes_are_of_the_kernels_and_of_every_file_of_the_backends(tmp_path):
    folder = ROOT / "minigan" / "backends"
    names = {f"backends/{p.relative_to(folder).as_posix()}" for p in folder.rglob("*.py")}
    assert "backends/cuda/launcher.py" in names
    assert set(source_hashes()) == names | {"backends/cuda/kernels.cu"}
    (tmp_path / "kernels.cu").write_bytes(b"a\r\nb\n")
    (tmp_path / "a.py").write_bytes(b"")
    first = source_hashes(tmp_path)
    assert set(first) == {"backends/a.py", "backends/kernels.cu"}
    of_empty_file = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert first["backends/a.py"] == of_empty_file
    (tmp_path / "kernels.cu").write_bytes(b"a\nb\n")  # the same text with other line ends
    assert source_hashes(tmp_path) == first
    (tmp_path / "kernels.cu").write_bytes(b"a\nc\n")
    assert source_hashes(tmp_path) != first


def test_json_has_no_infinite_number(tmp_path):
    found = json.loads(record(checks=[GOOD, BAD]).to_json())
    assert [check["error"] for check in found["checks"]] == [0.0, None]
    assert [check["passed"] for check in found["checks"]] == [True, False]
    assert found["passed"] is False
    assert [check["metric"] for check in found["checks"]] == ["largest difference"] * 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 2}', "\xff"])
def test_a_file_that_is_not_a_record_raises_an_error(tmp_path, text):
    path = tmp_path / NAME
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError, match=NAME):
        status(path)


def test_a_record_is_read_back(tmp_path):
    (tmp_path / NAME).write_text(record().to_json())
    found = read(tmp_path / NAME)
    assert found["device"] == {"name": "NVIDIA Something"}
    assert found["hashes"] == source_hashes()
