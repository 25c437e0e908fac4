"""The command line: help, exit statuses, and one sentence for every wrong input."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tiny
from PIL import Image
from runs_of import iteration_of

import minigan
from minigan import cli, environment, information, recipes, training
from minigan.data import download
from minigan.data.published import MNIST
from minigan.errors import UserError
from minigan.experiment import Experiment


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test runs in a folder of its own, where tiny.toml lies."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(recipes.to_toml(tiny.recipe()))


@pytest.fixture
def run(capsys):
    """A finished run folder, named run."""
    assert cli.main(["train", "tiny.toml", "--out", "run", "--quiet"]) == 0
    capsys.readouterr()
    return "run"


def refused(capsys, arguments):
    """The one sentence that a wrong input gets, with exit status 2 and nothing printed."""
    try:
        status = cli.main(arguments)
    except SystemExit as stop:
        status = stop.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    (sentence,) = err.splitlines()
    assert sentence.startswith("minigan: ")
    assert "Traceback" not in err
    return sentence


def test_the_help_names_every_command_and_the_exit_statuses(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    commands = ("train", "sample", "parzen", "data", "gradcheck", "theory", "bench", "info")
    for command in (*commands, "--version"):
        assert re.search(rf"^ +{command}\s+\w", out, flags=re.M), command
    assert "0 done, 1 a check failed or training stopped, 2 wrong input, 130" in " ".join(
        out.split()
    )


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"minigan {minigan.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [([], "COMMAND"), (["tran"], "tran"), (["train", "--nope"], "--nope"), (["sample"], "run")],
)
def test_wrong_usage_names_what_is_wrong(capsys, arguments, words):
    assert words in refused(capsys, arguments)


BAD_SEEDS = [
    "-1",
    str(2**64),
    "x",
    "1e3",
    "1.0",
    "",
    " 1",
    "+1",
    "0x1",
    "1_0",
    "٣",
    "²",
    "9" * 5000,
]


@pytest.mark.parametrize("seed", BAD_SEEDS)
@pytest.mark.parametrize("command", [["train"], ["sample", "run"], ["theory"]])
def test_a_bad_seed_is_refused(capsys, command, seed):
    sentence = refused(capsys, [*command, f"--seed={seed}"])
    assert f"argument --seed: {seed!r} is not a whole number from 0 to {2**64 - 1}" in sentence


def test_a_negative_seed_as_a_word_of_its_own_is_refused(capsys):
    assert "'-1' is not a whole number" in refused(capsys, ["train", "--seed", "-1"])


@pytest.mark.parametrize(
    ("arguments", "range_"),
    [
        (["train", "--iterations"], "from 1 to 1000000000"),
        (["sample", "run", "--count"], "from 1 to 1000000"),
    ],
)
@pytest.mark.parametrize("number", ["0", "-5", "1000000001", "10" * 12, "1e2", "ten", "1.5"])
def test_a_count_out_of_its_range_is_refused(capsys, arguments, range_, number):
    *start, option = arguments
    sentence = refused(capsys, [*start, f"{option}={number}"])
    assert f"{number!r} is not a whole number {range_} (see minigan" in sentence


def test_a_billion_samples_are_refused_before_any_memory_is_asked_for(capsys):
    assert "--count" in refused(capsys, ["sample", "run", "--count", "1000000000"])


@pytest.mark.parametrize("name", ["nonsense", "digit", "", "tiny", "recipes/digits"])
def test_an_unknown_recipe_is_refused_with_the_choices(capsys, name):
    sentence = refused(capsys, ["train", name])
    assert sentence == (
        f"minigan: there is no recipe {name!r}: choose one of {', '.join(recipes.names())}, "
        "or give the path of a .toml file"
    )
    assert not os.path.exists("runs")


def test_a_damaged_recipe_is_refused_with_its_path(capsys, tmp_path):
    (tmp_path / "bad.toml").write_text("name = 'x'\n")
    sentence = refused(capsys, ["train", "bad.toml"])
    assert sentence == "minigan: bad.toml: the setting data is missing"


def test_a_folder_that_exists_is_never_written_into(capsys, tmp_path):
    (tmp_path / "mine").mkdir()
    sentence = refused(capsys, ["train", "tiny.toml", "--out", "mine"])
    assert sentence == "minigan: mine exists already: choose another --out"
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_folder_below_a_file_cannot_be_made(capsys):
    sentence = refused(capsys, ["train", "tiny.toml", "--out", "tiny.toml/run"])
    assert (
        sentence == "minigan: the run folder tiny.toml/run cannot be made: Not a directory; "
        "choose another with --out"
    )


@pytest.mark.parametrize("command", [["train", "tiny.toml"], ["sample", "run"]])
def test_an_unknown_device_is_refused_with_the_choices(run, capsys, command):
    sentence = refused(capsys, [*command, "--device", "nonsense"])
    assert sentence == "minigan: there is no device 'nonsense': choose one of cpu, cuda"


@pytest.mark.parametrize("command", [["train", "tiny.toml"], ["sample", "run"]])
def test_cuda_without_cupy_is_one_sentence_and_never_the_cpu(run, capsys, monkeypatch, command):
    monkeypatch.setitem(sys.modules, "cupy", None)
    sentence = refused(capsys, [*command, "--device", "cuda"])
    assert sentence.startswith("minigan: device cuda needs CuPy")
    assert not os.path.exists("runs")


def test_train_prints_where_samples_and_checkpoint_lie(capsys):
    assert cli.main(["train", "tiny.toml", "--iterations", "3", "--seed", "5"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert re.fullmatch(r"3 iterations in \d+\.\d s", lines[0])
    assert lines[1].startswith("nearest training images: ")
    assert lines[2:] == ["samples     runs/tiny-1/samples.png",
                         "checkpoint  runs/tiny-1/checkpoint.npz"]  # fmt: skip
    assert err == "run folder: runs/tiny-1\n"
    with open("runs/tiny-1/environment.json", encoding="utf-8") as file:
        assert json.load(file)["seed"] == 5
    assert recipes.load("runs/tiny-1/recipe.toml").training.iterations == 3


def test_the_recipe_of_a_run_runs_again_to_the_same_checkpoint(run, capsys, tmp_path):
    assert cli.main(["train", "run/recipe.toml", "--quiet", "--out", "again"]) == 0
    one, again = ((tmp_path / name / "checkpoint.npz").read_bytes() for name in (run, "again"))
    assert one == again


def test_quiet_shows_no_progress(capsys):
    assert cli.main(["train", "tiny.toml", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_sample_writes_into_the_run_folder_and_prints_the_path(run, capsys):
    assert cli.main(["sample", run, "--seed", "7", "--count", "5"]) == 0
    assert capsys.readouterr().out == "run/sample-7.png\n"
    with Image.open("run/sample-7.png") as sheet:
        assert sheet.size == (3 * 34 + 2, 2 * 34 + 2)


def test_sample_writes_where_it_is_told(run, capsys):
    assert cli.main(["sample", run, "--out", "a.npy", "--count", "5"]) == 0
    assert capsys.readouterr().out == "a.npy\n"
    assert np.load("a.npy").shape == (5, 64)


@pytest.mark.parametrize("path", [".", "nowhere", "tiny.toml", "tiny.toml/below"])
def test_a_sample_of_what_is_no_run_is_refused(capsys, path):
    sentence = refused(capsys, ["sample", path])
    assert sentence.startswith(f"minigan: {path} is not a run folder: it holds no recipe.toml; ")


@pytest.mark.parametrize(
    ("file", "data", "words"),
    [
        ("checkpoint.npz", None, "there is no checkpoint run/checkpoint.npz"),
        ("checkpoint.npz", b"x", "the checkpoint run/checkpoint.npz is damaged"),
        ("environment.json", None, "run/environment.json cannot be read: No such file"),
        ("environment.json", b"{", "run/environment.json is damaged"),
        ("environment.json", b"{}", 'run/environment.json must hold the run\'s "seed"'),
        ("recipe.toml", b"\xff", "the recipe run/recipe.toml cannot be read: it is not UTF-8"),
        ("recipe.toml", b"name = 1", "run/recipe.toml: the setting data is missing"),
    ],
)
def test_a_damaged_run_is_refused_by_the_name_of_its_file(run, capsys, tmp_path, file, data, words):
    path = tmp_path / run / file
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    assert refused(capsys, ["sample", run]).startswith(f"minigan: {words}")


def test_the_checkpoint_of_another_recipe_is_refused(run, capsys, tmp_path):
    text = recipes.to_toml(tiny.recipe(generator__hidden=[8, 5]))
    (tmp_path / run / "recipe.toml").write_text(text)
    sentence = refused(capsys, ["sample", run])
    assert sentence == "minigan: the checkpoint does not fit the networks of this recipe"


@pytest.mark.parametrize("out", ["a.jpg", "a", "run", "a.png.gz"])
def test_a_bad_suffix_is_refused(run, capsys, out):
    assert "must end in .png (a sheet) or .npy (an array)" in refused(
        capsys, ["sample", run, "--out", out]
    )


@pytest.mark.parametrize(
    ("out", "reason"),
    [("nowhere/a.png", "No such file or directory"), ("tiny.toml/a.npy", "Not a directory"),
     ("folder.png", "Is a directory")],
)  # fmt: skip
def test_a_file_that_the_system_refuses_is_named_with_the_reason(
    run, capsys, tmp_path, out, reason
):
    (tmp_path / "folder.png").mkdir()
    sentence = refused(capsys, ["sample", run, "--out", out])
    assert sentence == f"minigan: the system refused {out}: {reason}"


def raising(monkeypatch, error):
    def refuse(*arguments, **options):
        raise error

    monkeypatch.setattr(training, "train", refuse)


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (UserError("use less"), 2, "use less"),
        (training.TrainingStopped("at 7"), 1, "at 7"),
        (OSError(28, "No space left on device", "a"), 2, "the system refused a: No space left on"),
        (OSError("odd"), 2, "the system refused the output: odd"),
        (MemoryError(), 2, "there is not enough memory: ask for fewer samples or smaller networks"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_each_failure_has_its_status_and_sentence(capsys, monkeypatch, error, status, sentence):
    raising(monkeypatch, error)
    assert cli.main(["train"]) == status
    assert capsys.readouterr().err.startswith(f"minigan: {sentence}")


def test_a_mistake_in_minigan_itself_is_one_sentence_with_status_1(monkeypatch, capsys):
    raising(monkeypatch, ZeroDivisionError("division\nby zero"))
    assert cli.main(["train"]) == 1
    assert capsys.readouterr().err == (
        "minigan: minigan itself is wrong, please report it: ZeroDivisionError: division by zero "
        "(--debug shows where)\n"
    )


@pytest.mark.parametrize("error", [ZeroDivisionError(), UserError("x"), KeyboardInterrupt()])
def test_debug_shows_the_traceback_of_any_failure(monkeypatch, error):
    raising(monkeypatch, error)
    with pytest.raises(type(error)):
        cli.main(["train", "--debug"])


def test_networks_that_no_memory_holds_are_one_sentence(capsys, tmp_path, monkeypatch):
    def refuse(*arguments):
        return np.empty(2**55)

    monkeypatch.setattr(Experiment, "begin", refuse)
    assert refused(capsys, ["train", "tiny.toml"]).startswith("minigan: there is not enough memory")


def test_an_interrupted_training_has_status_130_and_prints_its_results(capsys, monkeypatch):
    def interrupted(self):
        self.asked = True
        return self

    monkeypatch.setattr("minigan.interrupt.Interrupt.__enter__", interrupted)
    monkeypatch.setattr("minigan.interrupt.Interrupt.__exit__", lambda *a: None)
    assert cli.main(["train", "tiny.toml", "--quiet"]) == 130
    assert capsys.readouterr().out.startswith("interrupted after 1 iterations in")


def test_info_prints_the_information(capsys):
    assert cli.main(["info"]) == 0
    assert capsys.readouterr().out == information.information() + "\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_early_ends_the_command_in_silence(unbuffered):
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-m", "minigan", "info"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (141, "")


GRADCHECKED = """
import numpy as np

def forward(x, W):
    return x @ W

def backward(dy, x, W):
    return dy @ W.T, {factor} * x.T @ dy

def example():
    return np.ones((2, 3)) * [[1], [2]], np.arange(6.0).reshape(3, 2)
"""


def test_gradcheck_alone_prints_every_gradient_of_minigan(capsys):
    assert cli.main(["gradcheck"]) == 0
    out = capsys.readouterr().out
    for name in ("linear: W", "maxout: x", "V: a_real", "D step, V: linear1.W", "simultaneous"):
        assert name in out
    assert "FAIL" not in out


def test_gradcheck_of_a_file_passes_fails_or_says_what_is_wrong_with_the_file(capsys, tmp_path):
    (tmp_path / "right.py").write_text(GRADCHECKED.format(factor="1"))
    (tmp_path / "wrong.py").write_text(GRADCHECKED.format(factor="-1"))
    (tmp_path / "broken.py").write_text("def forward(")
    assert cli.main(["gradcheck", "right.py"]) == 0
    assert cli.main(["gradcheck", "wrong.py"]) == 1
    assert "wrong sign" in capsys.readouterr().out
    assert "line 1" in refused(capsys, ["gradcheck", "broken.py"])
    assert "no such file" in refused(capsys, ["gradcheck", "missing.py"])


def test_theory_prints_every_statement_and_fails_with_them(capsys, monkeypatch):
    assert cli.main(["theory", "--seed", "5"]) == 0
    out = capsys.readouterr().out
    for statement in ("Prop. 1", "Eq. 2", "Thm 1", "Eq. 6", "Prop. 2", "by training"):
        assert statement in out
    monkeypatch.setattr("minigan.demonstration.ACCEPTED", 0.0)
    assert cli.main(["theory"]) == 1


def test_set_changes_a_setting_of_the_recipe(capsys):
    changes = ["--set", "optimizer.rate=0.05", "--set", "prior.kind=gaussian"]
    assert cli.main(["train", "tiny.toml", "--out", "run", "--quiet", *changes]) == 0
    assert recipes.load("run/recipe.toml") == tiny.recipe(
        optimizer__rate=0.05, prior__kind="gaussian"
    )


def test_a_change_that_cannot_be_made_is_refused(capsys):
    sentence = refused(capsys, ["train", "tiny.toml", "--set", "optimizer.rat=1"])
    assert sentence == "minigan: there is no setting 'optimizer.rat'; did you mean optimizer.rate?"
    assert not os.path.exists("runs")


def test_json_is_all_that_is_printed(capsys):
    assert cli.main(["train", "tiny.toml", "--out", "run", "--json", "--quiet"]) == 0
    out, err = capsys.readouterr()
    events = [json.loads(line)["event"] for line in out.splitlines()]
    assert (events[0], events[-1], err) == ("begin", "end", "")


def test_csv_and_tensorboard_are_written_on_request(capsys):
    command = ["train", "tiny.toml", "--out", "run", "--quiet", "--csv", "--tensorboard"]
    assert cli.main(command) == 0
    assert os.path.exists("run/log.csv")
    assert os.listdir("run/tensorboard")


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """A machine without MNIST; one.cache is the user's cache."""
    monkeypatch.delenv("MINIGAN_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_mnist_that_is_not_here_is_offered(capsys, no_data):
    sentence = refused(capsys, ["train", "mnist-2014"])
    assert "mnist is not here" in sentence
    assert "`minigan data fetch mnist` downloads it (11.6 MB), or --data-dir DIR" in sentence
    assert not os.path.exists("runs")


def test_data_list_says_where_each_set_is(capsys, no_data, tmp_path):
    assert cli.main(["data", "list", "--data-dir", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("MNIST handwritten digits")
    assert lines[0].endswith("CC BY-SA 3.0")
    assert "minigan data fetch mnist" in lines[1]
    assert "minigan data fetch fashion-mnist" in lines[3]


def test_data_fetch_downloads_to_where_it_will_be_found(capsys, no_data, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(download, "fetch", lambda *arguments: asked.append(arguments))
    assert cli.main(["data", "fetch", "mnist", "--quiet"]) == 0
    cache = tmp_path / "cache" / "minigan" / "mnist"
    assert asked == [(MNIST, cache, True)]
    assert capsys.readouterr().out == f"mnist is in {cache}, whole\n"
    assert cli.main(["data", "fetch", "mnist", "--data-dir", str(tmp_path)]) == 0
    assert asked[1] == (MNIST, tmp_path / "mnist", False)


@pytest.mark.parametrize("words", [["data"], ["data", "fetch"], ["data", "fetch", "cifar"]])
def test_data_without_an_action_or_a_name_is_refused(capsys, words):
    assert refused(capsys, words)


def test_info_as_json_is_the_environment(capsys):
    assert cli.main(["info", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == environment.environment()


def test_a_sample_of_a_checkpoint_that_was_not_kept_is_refused(run, capsys):
    sentence = refused(capsys, ["sample", run, "--checkpoint", "5"])
    assert sentence == (
        "minigan: there is no checkpoint run/checkpoints/00000005.npz; there are: last, best"
    )


def test_networks_beyond_all_memory_are_one_sentence(capsys):
    sentence = refused(capsys, ["train", "tiny.toml", "--set", "generator.hidden=[100000,100000]"])
    assert sentence.startswith("minigan: these networks need ")


def test_a_training_whose_reader_left_goes_on_to_its_end(tmp_path):
    command = [sys.executable, "-m", "minigan", "train", "tiny.toml", "--json", "--out", "run"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    )
    process.stdout.readline()
    process.stdout.close()
    process.stderr.close()
    assert process.wait() == 0
    assert iteration_of(tmp_path / "run") == 6


def shell(line, cwd):
    return subprocess.run(
        ["sh", "-c", line.replace("minigan", f"{sys.executable} -m minigan")],
        capture_output=True,
        text=True,
        cwd=cwd,
    )


@pytest.mark.parametrize("words", ["info", "train tiny.toml --quiet --out run", "--help"])
def test_closed_streams_are_no_failure(tmp_path, words):
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        done = shell(f"(minigan {words} {closed}); echo $?", tmp_path)
        assert done.stdout.splitlines()[-1] == "0", (closed, done)
        assert "Traceback" not in done.stderr
        assert "itself is wrong" not in done.stdout + done.stderr
        shutil.rmtree(tmp_path / "run", ignore_errors=True)


def test_a_full_device_for_the_output_is_one_sentence_with_status_2(tmp_path):
    for words in ("info", "theory", "--version"):
        done = shell(f"minigan {words} > /dev/full", tmp_path)
        assert "Exception ignored" not in done.stderr
        if words != "--version":
            assert done.returncode == 2
            assert done.stderr == (
                "minigan: the system refused the output: No space left on device\n"
            )


def test_a_character_that_the_terminal_lacks_is_escaped(tmp_path):
    line = "PYTHONIOENCODING=ascii minigan train tiny.toml --quiet --out ünï"
    done = shell(line, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\xfcn\\xef/samples.png" in done.stdout


@pytest.mark.parametrize("option", ["--out", "--data-dir", "--resume"])
def test_an_empty_path_is_refused(capsys, option):
    assert "the path is empty" in refused(capsys, ["train", "tiny.toml", option, ""])


def test_a_line_feed_in_a_name_does_not_break_the_sentence(capsys):
    refused(capsys, ["sample", "a\nb"])


def test_a_data_dir_that_nothing_is_taken_from_is_refused(capsys, tmp_path):
    sentence = refused(capsys, ["train", "tiny.toml", "--data-dir", str(tmp_path)])
    assert "'digits' comes with minigan and takes nothing from --data-dir" in sentence
    assert "--set data.set=folder" in sentence


def test_a_finished_run_has_nothing_left_to_do(run, capsys):
    assert cli.main(["train", "--resume", run, "--quiet"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("all 6 iterations were done before: --iterations asks for more\n")


def test_bench_prints_a_report_keeps_it_and_compares(capsys):
    command = ["bench", "--quick", "--only", "iteration", "--quiet"]
    assert cli.main([*command, "--json", "old.json"]) == 0
    assert "| limit |" in capsys.readouterr().out
    assert cli.main([*command, "--threads", "1", "--compare", "old.json"]) == 0
    assert "old" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "x"], "'x' cannot be measured: choose from layers, iteration, growth, start"),
        (["--compare", "no.json"], "no.json cannot be read: No such file or directory"),
        (["--compare", "tiny.toml"], "this is not a report that minigan bench --json wrote"),
        (["--threads", "-1"], "argument --threads: '-1' is not a whole number from 0 to 1024"),
    ],
)
def test_bench_refuses_what_it_cannot_use(capsys, words, sentence):
    assert refused(capsys, ["bench", "--quick", *words]).startswith(f"minigan: {sentence}")
