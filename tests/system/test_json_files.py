"""A JSON file is read as it is, or refused with one sentence that names it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from minigan.errors import UserError
from minigan.system import json_files

VALUE = {"a": [1, -2.5, True, None, "\u00e9"], "b": {"c": {}}, "d": 2**64 - 1, "e": -(2**64) + 1}


@pytest.mark.parametrize("text", [json.dumps(VALUE), json.dumps(VALUE, ensure_ascii=False)])
def test_a_value_is_read_as_it_was_written(text):
    assert json_files.parse_json(text.encode()) == VALUE


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not JSON (Expecting value"),
        (b'{"a": 1', "it is not JSON ("),
        (b"\xff", "it is not UTF-8 text"),
        (b'{"a": "\xed\xa0\x80"}', "it is not UTF-8 text"),
        (b"[NaN]", "it contains NaN, which is not JSON"),
        (b"[-Infinity]", "it contains -Infinity"),
        (b"[1e999]", "it contains a number that is too large"),
        (b'{"a": {"b": -1e999}}', "it contains a number that is too large"),
        (b"[18446744073709551616]", "it contains a whole number of 20 digits"),
        (b"9" * 5000, "it contains a whole number of 5000 digits"),
        (b"[" * 33 + b"1" + b"]" * 33, "it is nested more than 32 levels deep"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "it is nested more than 32 levels deep"),
        (b"[" * 100_000, "it is nested more than 32 levels deep"),
    ],
)
def test_another_text_is_refused_with_the_reason(tmp_path, data, reason):
    path = tmp_path / "run.json"
    path.write_bytes(data)
    with pytest.raises(UserError) as refused:
        json_files.load(path, 10**6)
    assert str(refused.value).startswith(f"{path} is damaged: {reason}")


def test_as_many_levels_as_allowed_are_read():
    assert json_files.parse_json(b"[" * 32 + b"1" + b"]" * 32)


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path):
    (tmp_path / "large.json").write_bytes(b" " * 11)
    with pytest.raises(UserError, match=r"large\.json cannot be read: it is larger than 10 bytes"):
        json_files.load(tmp_path / "large.json", 10)
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        json_files.load(tmp_path, 10)
    with pytest.raises(UserError, match="cannot be read: No such file"):
        json_files.load(tmp_path / "none.json", 10)


@dataclass(frozen=True)
class Content:
    seed: int


def test_the_fields_of_a_file_are_checked_with_its_name(tmp_path):
    assert json_files.fields_of(tmp_path, Content, {"seed": 1}) == Content(1)
    with pytest.raises(UserError, match=rf"^{tmp_path} is damaged: seed = 'x' must be a whole"):
        json_files.fields_of(tmp_path, Content, {"seed": "x"})
