"""The CSV file of a run has the exact numbers of the log: a header, then one row per line."""

from __future__ import annotations

import csv
import resource

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.training.runs import csv_log

COLUMNS = ["iteration", "V", "log_likelihood"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.csv"


def test_the_bytes_are_those_of_rfc_4180(path):
    csv_log.write(
        path, ["iteration", "V", 'a "b", c'], [{"iteration": 0, "V": 0.1, 'a "b", c': "x"}]
    )
    csv_log.append(path, ["iteration", "V", 'a "b", c'], {'a "b", c': "1\n2", "iteration": 50})
    assert path.read_bytes() == (
        b'iteration,V,"a ""b"", c"\r\n'  # quotes doubled, the field quoted (rule 6 and 7)
        b"0,0.1,x\r\n"
        b'50,,"1\n2"\r\n'
    )


def test_a_table_without_lines_is_its_header(path):
    csv_log.write(path, COLUMNS, [])
    assert path.read_bytes() == b"iteration,V,log_likelihood\r\n"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5), st.data())
def test_written_and_appended_floats_are_read_back_exactly(tmp_path_factory, values, data):
    path = tmp_path_factory.mktemp("run") / "log.csv"
    lines = [{"V": value, "iteration": t} for t, value in enumerate(values)]
    written = data.draw(st.integers(0, len(lines)))
    csv_log.write(path, ["iteration", "V"], lines[:written])
    for line in lines[written:]:
        csv_log.append(path, ["iteration", "V"], line)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    assert rows[0] == ["iteration", "V"]
    assert [(int(t), float(V).hex()) for t, V in rows[1:]] == [
        (t, value.hex()) for t, value in enumerate(values)
    ]


def test_a_missing_value_leaves_its_field_empty(path):
    csv_log.write(path, COLUMNS, [{"iteration": 1, "V": -1.5}])
    csv_log.append(path, COLUMNS, {"iteration": 2, "V": -1.25, "log_likelihood": 225.0})
    csv_log.append(path, COLUMNS, {"iteration": 3, "V": None, "log_likelihood": None})
    assert path.read_text("utf-8").splitlines()[1:] == ["1,-1.5,", "2,-1.25,225.0", "3,,"]


def test_a_key_without_a_column_is_refused_by_name_and_nothing_is_written(path):
    with pytest.raises(ValueError, match="'surprise'"):
        csv_log.write(path, COLUMNS, [{"iteration": 1}, {"iteration": 2, "surprise": 1}])
    with pytest.raises(ValueError, match="'surprise'"):
        csv_log.append(path, COLUMNS, {"iteration": 2, "surprise": 1})
    assert not path.exists()


def test_writing_replaces_an_existing_file(path):
    path.write_bytes(b"iteration,V\r\n1,2\r\n3,")
    csv_log.write(path, COLUMNS, ({"iteration": t} for t in range(2)))
    assert path.read_bytes() == b"iteration,V,log_likelihood\r\n0,,\r\n1,,\r\n"


def test_appending_to_a_missing_file_writes_the_header(path):
    csv_log.write(path, COLUMNS, [{"iteration": 1}])
    path.unlink()
    csv_log.append(path, COLUMNS, {"iteration": 2})
    assert path.read_bytes() == b"iteration,V,log_likelihood\r\n2,,\r\n"


def test_a_disk_that_fills_within_a_row_leaves_the_file_unchanged(path):
    csv_log.write(path, COLUMNS, [{"iteration": 1}])
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 3, hard))
    try:
        with pytest.raises(OSError, match="File too large") as appended:
            csv_log.append(path, COLUMNS, {"iteration": 2})
        with pytest.raises(OSError, match="File too large") as replaced:
            csv_log.write(path, COLUMNS, [{"iteration": t} for t in range(9)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert appended.value.filename == replaced.value.filename == str(path)
    assert path.read_bytes() == before
