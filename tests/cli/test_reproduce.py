"""`minigan reproduce`: one message for every wrong input of its actions."""

from __future__ import annotations

import pytest
from refused import refused


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "the following arguments are required: ACTION"),
        (["table1", "--seeds", "1,1"], "argument --seeds: '1,1' contains a seed twice"),
        (["table1", "--seeds", "1,x"], "argument --seeds: 'x' is not a whole number"),
        (["table1", "--recipe", "none"], "there is no recipe 'none'"),
        (["table1", "--recipe", "tiny.toml"], "tiny does not select its best checkpoint"),
        (["modes", "--recipe", "tiny.toml"], "tiny has data.set = 'digits', whose modes are not"),
        (["record", "mnist"], "mnist is a pretrained generator without D: give a run folder"),
        (["record", "x", "--out", "no/x.json"], "the folder no of --out does not exist: create"),
        (["record", "absent"], "absent is not a run folder"),
        (["record", "absent/run"], "absent/run is not a run folder"),
        (["table", "absent"], "absent contains no records"),
    ],
)
def test_invalid_arguments_are_refused_with_one_message(capsys, words, sentence):
    assert refused(capsys, ["reproduce", *words]).startswith(f"minigan: {sentence}")
