"""The section with the contents of environment.json."""

from __future__ import annotations

from html_read import EVIL, Read

from minigan.reports.html.environment import environment_section
from minigan.system.environment import environment

FACTS = {
    "seed": 7,
    "numpy": "2.4.6",
    "cupy": None,
    "blas": [{"library": "openblas", "version": "0.3", "kernel": "Zen", "threads": 2}],
    "data": {"set": "mnist", "where": "/data", "shape": [28, 28, 1]},
}


def test_every_entry_is_shown_with_its_name():
    text = Read(environment_section(FACTS)).text
    for entry in (
        "seed7",
        "numpy2.4.6",
        "cupynone",
        "blasopenblas 0.3, kernel Zen, 2 threads",
        "data, setmnist",
        "data, where/data",
        "data, shape28 x 28 x 1",
        "The run was not resumed.",
    ):
        assert entry in text


def test_the_environment_of_this_process_is_shown():
    assert environment()["processor"] in Read(environment_section(environment())).text


def test_each_resumption_lists_the_changes_of_the_environment():
    start = {**FACTS, "minigan": "1", "device": "cpu", "processor": "p"}
    first = {"iteration": 5000, **start}
    second = {"iteration": 9000, **start, "numpy": "2.5.0"}
    third = {"iteration": 9500, **start, "numpy": "2.5.0"}
    text = Read(environment_section({**start, "resumed": [first, second, third]})).text
    assert "resumed after iteration 5,000: environment unchanged" in text
    assert "resumed after iteration 9,000: numpy was 2.4.6 and is 2.5.0" in text
    assert "resumed after iteration 9,500: environment unchanged" in text


def test_a_damaged_resumption_is_shown_with_missing_values():
    text = Read(environment_section({**FACTS, "resumed": [{}]})).text
    assert "resumed after iteration none: numpy was 2.4.6 and is None; blas was" in text


def test_texts_are_escaped():
    facts = {EVIL: EVIL, "blas": [{"library": EVIL}], "data": {EVIL: [EVIL]}, "resumed": [{"x": 1}]}
    read = Read(environment_section(facts))
    assert read.of("script") == []
    assert read.text.count(EVIL) >= 5
