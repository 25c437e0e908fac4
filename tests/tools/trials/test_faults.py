"""A failed file operation during a save never loses what was saved before.

A run uses a disk that fails at operation i, for every kind of failure and every i. (A campaign
tries every i, a normal test run one in four.) The run is then resumed with a working disk, and must
end with the same bytes as a run without a failure.
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
from minigan.training import recipes, sample_sheet, trainer
from minigan.training.runs import checkpoint

RECIPE = {"log__every": 2, "log__save_every": 2, "log__keep_every": 2, "optimizer__rate": 0.5}
SEED = 3  # with this seed iteration 4 is better than 2, so best.npz is written again
SAVED, TOTAL = 2, 4  # the fault is after the save at iteration 2, and not after the one at 4
REPORTING = ["--json", "--csv", "--tensorboard", "--quiet"]
WRITTEN = {
    *("recipe.toml", "environment.json", "log.jsonl", "log.csv", "tensorboard"),
    *("00000004.png", "samples.png", "00000004.npz", "best.npz", "checkpoint.npz"),
    "animation.png",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory, brief):
    """A folder with a recipe, a run saved at iteration 2, and the same run at its end."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "tiny.toml"
    path.write_text(recipes.to_toml(tiny.recipe(**RECIPE, training__iterations=TOTAL)))
    train(folder / "saved", SEED, **RECIPE, training__iterations=SAVED)
    train(folder / "straight", SEED, **RECIPE, training__iterations=TOTAL)
    return folder


@pytest.fixture(scope="module", autouse=True)
def brief():
    """Read the data once, write small sheets, evaluate few samples: this saves time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets, "load", functools.cache(sets.load))
        patch.setattr(sample_sheet, "IMAGES_PER_SHEET", 9)
        patch.setattr(quality, "N_SAMPLES", 100)
        patch.setattr(trainer, "N_SAMPLES", 100)
        yield


@pytest.fixture(scope="module")
def known():
    """The states of a run folder that are known to resume correctly."""
    return set()


class Trials:
    """Runs on a faulty disk, each in its folder; each resulting state is resumed once."""

    def __init__(self, folder, template, known, capsys, begin):
        self.folder, self.template, self.known = folder, template, known
        self.capsys, self.begin = capsys, begin
        self.straight = whole(template / "straight")

    def run(self, kind="", fault=-1):
        """Run the command. Returns its status, its output, the disk and the run's folder."""
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
        """Run with one fault, check the result, and resume the run."""
        status, output, disk, run = self.run(kind, fault)
        operation = f"{kind} at {disk.operations[fault]}"
        self.check_end(status, output.err, operation, run)
        assert not list(run.rglob(".*")), operation
        events = [json.loads(line) for line in output.out.splitlines()]
        reported = [event["iteration"] for event in events if event["event"] == "checkpoint"]
        least = max([0 if self.begin else SAVED, *reported])
        saved = (run / "checkpoint.npz").exists()
        assert saved or (self.begin and not reported), operation
        if saved:
            assert least <= iteration_of(run) <= TOTAL, operation
            for path in run.rglob("*.npz"):
                checkpoint.load(path)
        self.resume(run, saved, operation)
        shutil.rmtree(run.parent)

    def check_end(self, status, err, operation, run):
        """Check for one sentence that names the file or the run, or for a complete run."""
        kind = operation.split(" at ")[0]
        if kind == "ctrl-c":
            named, intact = re.escape(str(run)), "the last checkpoint is intact"
            saved = (
                "training had not begun, and nothing was saved",
                f"there is no checkpoint yet: delete {named} and start again",
                f"{intact}; continue from it: minigan train --resume {named}",
            )
            assert status == 130, operation
            sentence = rf"minigan: interrupted(; ({'|'.join(saved)}))?\n"
            assert re.fullmatch(sentence, err), f"{operation}: {err}"
            assert (run / "checkpoint.npz").exists() or intact not in err, f"{operation}: {err}"
        elif status == 0:  # these operations may fail: a flush of a folder, and a second mkdir
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

    def resume(self, run, saved, operation):
        """Resume the run to the end of the run without a failure, or expect an error."""
        state = tuple(sorted(whole(run).items())) if saved else None
        if state in self.known:
            return
        status = cli.main(
            ["train", "--resume", str(run), "--iterations", str(TOTAL), "--json", "--quiet"]
        )
        err = self.capsys.readouterr().err
        if saved:
            assert (status, err) == (0, ""), operation
            assert whole(run) == self.straight, operation
            self.known.add(state)
        else:
            assert (status, err.count("\n")) == (2, 1), operation


def whole(run):
    """All files of a run except TensorBoard's, whose names contain the time."""
    (run / "log.jsonl").touch()
    return {name: data for name, data in dumped(run).items() if "tensorboard" not in name}


@pytest.mark.parametrize(
    ("kind", "begin"),
    [(kind, False) for kind in KINDS]
    + [(kind, True) for kind in ("full", "short", "for good", "ctrl-c")],
)
def test_a_fault_at_any_operation_loses_nothing(tmp_path, template, known, capsys, kind, begin):
    trials = Trials(tmp_path, template, known, capsys, begin)
    status, output, disk, run = trials.run()
    assert (status, output.err, whole(run)) == (0, "", trials.straight)
    assert {operation.rsplit(" ", 1)[1] for operation in disk.operations} >= WRITTEN
    operations = disk.operations
    if begin:  # up to the first checkpoint: the resumed runs try the later operations
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
