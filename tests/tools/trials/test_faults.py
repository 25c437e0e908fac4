"""Whatever fails at whichever operation of a save, nothing that was saved is lost.

One run is played with a disk that fails at its operation number i, for every kind of failure and
every i, of which a campaign tries all and a sample one in four; then it goes on with a disk that
works, to the bytes of the run that never failed.
"""

from __future__ import annotations

import functools
import json
import re
import shutil

import campaigns
import pytest
import tiny
from runs_of import dumped, iteration_of, train
from trials.faulty import KINDS, Disk

from minigan import cli
from minigan.data import sets
from minigan.evaluation import quality
from minigan.training import recipes, recorder, trainer
from minigan.training.runs import checkpoint

RECIPE = {"log__every": 2, "log__save_every": 2, "log__keep_every": 2, "optimizer__rate": 0.5}
SEED = 3  # its state at 4 is better than the one at 2, so that best.npz is written again
SAVED, TOTAL = 2, 4  # the fault comes after the save at 2, by the end of the one at 4
REPORTING = ["--json", "--csv", "--tensorboard", "--quiet"]
WRITTEN = {
    *("recipe.toml", "environment.json", "log.jsonl", "log.csv", "tensorboard"),
    *("00000004.png", "samples.png", "00000004.npz", "best.npz", "checkpoint.npz"),
    "animation.png",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory, brief):
    """A run that has saved two iterations, its recipe's file, and what it becomes in the end."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "tiny.toml"
    path.write_text(recipes.to_toml(tiny.recipe(**RECIPE, training__iterations=TOTAL)))
    train(folder / "saved", SEED, **RECIPE, training__iterations=SAVED)
    train(folder / "straight", SEED, **RECIPE, training__iterations=TOTAL)
    return folder


@pytest.fixture(scope="module", autouse=True)
def brief():
    """Data read once, small sheets and few samples judged: none of this is tried here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets, "load", functools.cache(sets.load))
        patch.setattr(recorder, "IMAGES_PER_SHEET", 9)
        patch.setattr(quality, "N_SAMPLES", 100)
        patch.setattr(trainer, "N_SAMPLES", 100)
        yield


@pytest.fixture(scope="module")
def known():
    """The states of a run folder that are known to go on to the right end."""
    return set()


class Trials:
    """Runs on a faulty disk, each in its folder; every state that one is left in goes on once."""

    def __init__(self, folder, template, known, capsys, begin):
        self.folder, self.template, self.known = folder, template, known
        self.capsys, self.begin = capsys, begin
        self.straight = whole(template / "straight")

    def play(self, kind="", fault=-1):
        """The command's status, its output, the disk, and the run's folder."""
        run = self.folder / f"{kind}-{fault}" / "run"
        run.parent.mkdir()
        if self.begin:
            command = ["train", str(self.template / "tiny.toml"), "--out", str(run)]
            command += ["--seed", str(SEED)]
        else:
            shutil.copytree(self.template / "saved", run)
            command = ["train", "--resume", str(run)]
        disk = Disk(run, kind, fault)
        with pytest.MonkeyPatch.context() as patch:
            disk.put_in_place(patch)
            status = cli.main([*command, "--iterations", str(TOTAL), *REPORTING])
        return status, self.capsys.readouterr(), disk, run

    def trial(self, kind, fault):
        """One fault; whatever is wrong afterwards fails the test."""
        status, said, disk, run = self.play(kind, fault)
        operation = f"{kind} at {disk.operations[fault]}"
        self.ended(status, said.err, operation, run)
        assert not list(run.rglob(".*")), operation
        events = [json.loads(line) for line in said.out.splitlines()]
        told = [event["iteration"] for event in events if event["event"] == "checkpoint"]
        least = max([0 if self.begin else SAVED, *told])
        there = (run / "checkpoint.npz").exists()
        assert there or (self.begin and not told), operation
        if there:
            assert least <= iteration_of(run) <= TOTAL, operation
            for path in run.rglob("*.npz"):
                checkpoint.load(path)
        self.goes_on(run, there, operation)
        shutil.rmtree(run.parent)

    def ended(self, status, err, operation, run):
        """With one sentence that names the file and the run, or as if nothing had been."""
        kind = operation.split(" at ")[0]
        if kind == "ctrl-c":
            assert (status, err) == (130, "minigan: interrupted\n"), operation
        elif status == 0:  # of a system that cannot flush folders, and of a folder that is there
            assert re.search(
                r"(open|fsync|close) folder|mkdir (checkpoints|samples)$", operation
            ), operation
            assert (err, whole(run)) == ("", self.straight), operation
        else:
            reason = "Input/output error" if kind == "broken" else "No space left on device"
            named = rf"{re.escape(str(run))}(/\S+)?"
            sentence = rf"minigan: (cannot read or write|the run folder) {named}:? .*{reason}.*\n"
            assert status == 2, operation
            assert re.fullmatch(sentence, err), f"{operation}: {err}"
            assert ".part" not in err, f"{operation}: {err}"
            saved = (run / "checkpoint.npz").exists() or "run folder" in err
            assert saved == ("there is no checkpoint yet" not in err), f"{operation}: {err}"

    def goes_on(self, run, there, operation):
        """To the end of the run that never failed; or says that there is nothing to go on from."""
        state = tuple(sorted(whole(run).items())) if there else None
        if state in self.known:
            return
        status = cli.main(
            ["train", "--resume", str(run), "--iterations", str(TOTAL), "--json", "--quiet"]
        )
        err = self.capsys.readouterr().err
        if there:
            assert (status, err) == (0, ""), operation
            assert whole(run) == self.straight, operation
            self.known.add(state)
        else:
            assert (status, err.count("\n")) == (2, 1), operation


def whole(run):
    """Everything that a run leaves, but for TensorBoard, whose files are named by the time."""
    (run / "log.jsonl").touch()
    return {name: data for name, data in dumped(run).items() if "tensorboard" not in name}


@pytest.mark.parametrize(
    ("kind", "begin"),
    [(kind, False) for kind in KINDS]
    + [(kind, True) for kind in ("full", "short", "for good", "ctrl-c")],
)
def test_a_fault_at_any_operation_loses_nothing(tmp_path, template, known, capsys, kind, begin):
    trials = Trials(tmp_path, template, known, capsys, begin)
    status, said, disk, run = trials.play()
    assert (status, said.err, whole(run)) == (0, "", trials.straight)
    assert {operation.rsplit(" ", 1)[1] for operation in disk.operations} >= WRITTEN
    operations = disk.operations
    if begin:  # up to the first checkpoint: what follows is tried in the run that goes on
        operations = operations[: operations.index("replace checkpoint.npz") + 4]
    wrong = []
    for fault, operation in enumerate(operations):
        tried = kind != "short" or operation.startswith("write")
        if tried and campaigns.chooses(f"{kind} {begin} {fault}", share=4):
            try:
                trials.trial(kind, fault)
            except AssertionError as error:
                wrong.append(str(error))
    assert wrong == []
