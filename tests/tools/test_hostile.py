"""No damaged file and no hostile name leads to an error of the program, or to a change elsewhere.

By default a sample of the trials runs; MINIGAN_CAMPAIGNS=complete runs TRIALS of each target.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import sys

import campaigns
import pytest
from hostile import campaign, damage
from hostile.targets import RESUME, TARGETS, Target, prepare

TRIALS, SAMPLE, SAMPLE_OF_NAMES = 100, 14, 3


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    prepare(folder)
    return folder


def test_every_reader_accepts_or_refuses_a_damaged_file(prepared, tmp_path):
    trials = [(target, number) for number in range(TRIALS) for target in TARGETS]
    if not campaigns.complete():
        trials = campaigns.sample(trials, SAMPLE, lambda trial: f"{trial[0].name} {trial[1]}")
    faults = []
    for target, number in trials:
        faults.append(campaign.attempt(prepared, tmp_path / "trial", target, number))
        shutil.rmtree(tmp_path / "trial")
    assert [fault for fault in faults if fault] == []


def test_undamaged_files_are_accepted_by_every_reader(prepared, tmp_path):
    for target in TARGETS if campaigns.complete() else campaigns.sample(TARGETS, 5):
        if target.command[:2] == ("data", "list"):
            continue  # the labels of the tests are not those of MNIST
        same = Target(target.file, lambda rng, data: data, target.command, target.writes)
        assert campaign.attempt(prepared, tmp_path / "trial", same, 0) is None
        shutil.rmtree(tmp_path / "trial")


def test_a_run_of_any_name_is_read_and_no_other_file_is_changed(prepared, tmp_path):
    names = campaigns.sample(damage.NAMES, campaigns.size(len(damage.NAMES), SAMPLE_OF_NAMES))
    for name in names:
        folder = tmp_path / "folder"
        shutil.copytree(prepared / "run", folder / name)
        before = campaign.contents(folder)
        with contextlib.chdir(folder):
            for command in (
                ("sample", f"./{name}", "--count", "2", "--out", "out.png"),
                ("report", f"./{name}", "--no-score", "--quiet", "--out", "out.html"),
                ("train", "digits", "--out", f"./{name}"),
                ("figure", "3", f"./{name}", "--out", "out.png"),
            ):
                outcome = campaign.run(command)
                assert campaign.fault_of(outcome) is None, (name, command)
                assert outcome.status == (2 if command[0] == "train" else 0)
        assert campaign.changed(before, campaign.contents(folder), None) is None
        shutil.rmtree(folder)


@pytest.mark.parametrize("kind", [damage.of_bytes, damage.of_json, damage.of_lines])
def test_damage_is_repeatable_and_nearly_always_changes_the_file(kind):
    data = b'{"a": [1, 2.5, {"b": "text"}], "c": null}\n' * 3
    text = data if kind is damage.of_lines else data.splitlines()[0]
    results = [kind(random.Random(number), text) for number in range(300)]
    assert results == [kind(random.Random(number), text) for number in range(300)]
    assert sum(result != text for result in results) > 250
    assert len(set(results)) > 100


# A fault that is planted is found.


def planted(monkeypatch, action):
    monkeypatch.setattr(campaign.cli, "main", action)


def crash(arguments):
    raise KeyError("seed")


def hang(arguments):
    while True:
        pass


def large(arguments):
    bytearray(campaign.MEGABYTES * 2 * 10**6)
    return 0


def says(text, status=2):
    def action(arguments):
        print(text, file=sys.stderr)
        return status

    return action


@pytest.mark.parametrize(
    ("action", "fault"),
    [
        (says("minigan: internal error, please report it", 1), "status 1"),
        (says("Traceback (most recent call last):\nminigan: x"), "an internal error"),
        (says(""), "status 2 without a sentence"),
        (says("minigan: \x1b[2J"), "an unexpected line"),
        (says("a library says something\nminigan: x"), "an unexpected line"),
        (large, "MB of memory"),
        (says("minigan: fine"), None),
        (says("minigan: training stopped in iteration 7", 1), None),
    ],
)
def test_a_planted_fault_is_found(monkeypatch, action, fault):
    planted(monkeypatch, action)
    found = campaign.fault_of(campaign.run(RESUME))
    assert found is None if fault is None else fault in found


def test_an_exception_and_an_endless_loop_end_the_trial(monkeypatch):
    planted(monkeypatch, crash)
    with pytest.raises(KeyError):
        campaign.run(RESUME)
    planted(monkeypatch, hang)
    monkeypatch.setattr(campaign, "SECONDS", 0.1)
    with pytest.raises(campaign.TooSlow):
        campaign.run(RESUME)


def test_a_change_of_another_file_is_found():
    before, after = {"a": "1", "run/x": "1"}, {"a": "2", "run/x": "2", "out.png": "1", "b": "1"}
    assert campaign.changed(before, after, None) == "it changed a, b, run/x"
    assert campaign.changed(before, after, "run") == "it changed a, b"
    assert campaign.changed(before, {**before, "out/x": "1"}, None) is None


def test_every_kind_of_file_has_a_target():
    kinds = {target.file.rpartition(".")[2].partition("/")[0] for target in TARGETS}
    assert kinds == {"json", "jsonl", "npz", "npy", "toml", "png", "gif", "py", "idx"}
