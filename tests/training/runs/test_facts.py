"""Every field of environment.json that is read back has its type and its range."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from minigan.errors import UserError
from minigan.training.runs.directory import RunDirectory

FACTS: dict[str, Any] = {
    "seed": 2**64 - 1,
    "device": "cuda1 (NVIDIA H200)",
    "numpy": ["any", {"value": None}],
    "data": {"set": "digits", "where": None, "shape": [8, 8, 1], "digest": "0" * 32},
    "parts": {"D": "mine.D"},
    "objective": {"unit": "nats", "equilibrium": {"V": -1.4, "loss_g": 0, "D": 0.5}},
    "resumed": [{"iteration": 3, "device": "cpu", "blas": []}],
}


def read(folder, facts):
    run = RunDirectory(folder)
    (folder / "environment.json").write_text(json.dumps(facts))
    return run.read_environment()


def test_the_facts_are_read_as_they_were_written(tmp_path):
    assert read(tmp_path, FACTS) == FACTS
    least = {"seed": 0, "data": {"set": "mine", "shape": [3]}}
    assert read(tmp_path, least) == least


@pytest.mark.parametrize(
    ("where", "value", "sentence"),
    [
        *((("seed",), seed, "seed = ") for seed in (None, "1", 1.0, True, -1)),
        *((("data",), data, "data = ") for data in (None, 7, [])),
        *((("data", "set"), name, "data.set = ") for name in (["ring"], {}, None, 3)),
        *((("data", "shape"), shape, "shape = ") for shape in ([], [8, 8], [8] * 4, [1, 1, 64])),
        *((("data", "shape"), [8, n, 1], "data.shape[1] = ") for n in (0, -8, True, 8.0, 10**6)),
        (("data", "shape"), "881", "data.shape = '881' must be a list of whole numbers"),
        (("data", "set"), "ring", "data: shape = [8, 8, 1] is not that of the set ring"),
        (("data", "classes"), "ab", "data.classes = 'ab' must be a list of texts"),
        (("data", "where"), 5, "data.where = 5 must be a text"),
        (("data", "digest"), 5, "data.digest = 5 must be a text"),
        (("device",), "", "device is empty"),
        (("device",), 5, "device = 5 must be a text"),
        (("parts",), [], "parts = [] must be a table of named values"),
        (("parts", "D"), 5, "parts.D = 5 must be a text"),
        (("objective",), 5, "objective = 5 must be a table of named values"),
        (("objective", "equilibrium", "V"), "x", "objective.equilibrium.V = 'x' must be a finite"),
        (("objective", "equilibrium"), {}, "objective.equilibrium.V is missing"),
        *((("resumed",), value, "resumed") for value in (5, [3], "x", {})),
        (("resumed", 0, "device"), " ", "resumed[0]: device is empty"),
        (("resumed", 0, "iteration"), "x", "resumed[0].iteration = 'x' must be a whole number"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_field(tmp_path, where, value, sentence):
    facts = copy.deepcopy(FACTS)
    place: Any = facts
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    with pytest.raises(UserError) as refused:
        read(tmp_path, facts)
    assert str(refused.value).startswith(f"{tmp_path / 'environment.json'} is damaged: ")
    assert sentence in str(refused.value)


@pytest.mark.parametrize("name", ["seed", "data"])
def test_a_missing_field_is_refused_by_name(tmp_path, name):
    facts = copy.deepcopy(FACTS)
    del facts[name]
    with pytest.raises(UserError, match=f"is damaged: {name} is missing; "):
        read(tmp_path, facts)
