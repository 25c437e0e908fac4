"""`minigan bench`: writing and comparing reports; the record of a GPU."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from refused import refused

from minigan import bench, cli
from minigan.bench import compare, gpu
from minigan.bench.gpu.check import CheckResult
from minigan.bench.gpu.repeat import RepeatResult
from minigan.bench.gpu.verified import Verification
from minigan.bench.tables import Column, Measurements, Table, read
from minigan.system import files


def test_bench_prints_a_report_writes_it_and_compares(capsys):
    command = ["bench", "--quick", "--only", "iteration", "--quiet"]
    assert cli.main([*command, "--json", "old.json"]) == 0
    assert "| limit |" in capsys.readouterr().out
    assert cli.main([*command, "--threads", "1", "--compare", "old.json"]) == 0
    assert "old" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--json", "--markdown"])
def test_a_report_that_cannot_be_written_is_refused_first(monkeypatch, capsys, option):
    monkeypatch.setattr(bench, "run", None)
    sentence = refused(capsys, ["bench", "--quick", option, "missing/a.json"])
    assert sentence == "minigan: cannot read or write missing/a.json: No such file or directory"


def test_a_report_that_does_not_fit_on_the_disk_is_printed(monkeypatch, capsys):
    def write(path, data):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(files, "write_atomically", write)
    words = ["bench", "--quick", "--only", "iteration", "--quiet", "--json", "a.json"]
    assert cli.main(words) == 2
    out, err = capsys.readouterr()
    assert "| limit |" in out
    assert err == "minigan: cannot read or write a.json: No space left on device\n"


def test_reports_and_the_record_of_a_gpu_are_plotted_without_measuring(capsys, tmp_path):
    assert cli.main(["bench", "--quick", "--only", "iteration", "--quiet", "--json", "a.json"]) == 0
    report = json.loads((tmp_path / "a.json").read_text())
    record_of_gpu = record(0.0)
    record_of_gpu.timings += [Table(**table) for table in columns_of(report["tables"])]
    (tmp_path / "gpu.json").write_text(record_of_gpu.to_json())
    capsys.readouterr()
    command = ["bench", "--plot", "a.svg", "--reports", "a.json", "gpu.json"]
    assert cli.main(command) == 0
    assert capsys.readouterr().out == "a.svg\n"
    assert "gpu: minigan, drawn" in (tmp_path / "a.svg").read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no.json"], "no.json cannot be read: No such file"),
        (["b.json", "x/b.json"], "two of the --reports are called b: rename one of them"),
        (["b.json", "--compare", "c.json"], "--compare is for a measurement: leave it out with"),
        (["b.json", "--device", "cuda"], "--device is for a measurement: leave it out with"),
    ],
)
def test_reports_that_cannot_be_plotted_are_refused(capsys, words, sentence):
    command = ["bench", "--plot", "a.png", "--reports", *words]
    assert refused(capsys, command).startswith(f"minigan: {sentence}")


def test_the_history_of_a_folder_is_printed_and_drawn_without_measuring(capsys, tmp_path):
    columns = tuple(map(Column, ("layer", "median", "limit")))
    facts = {"commit": "c" * 40, "committed": "2026-01-01"}
    layers = Table("layers", "", columns, (("G linear1", 6.0, 2.0),))
    (tmp_path / "of").mkdir()
    (tmp_path / "of" / "a.json").write_text(Measurements("2026-01-02", facts, (layers,)).to_json())
    assert cli.main(["bench", "--history", "of", "--plot", "a.svg"]) == 0
    out = capsys.readouterr().out
    assert "| linear | 3.00 |" in out
    assert "±" not in out
    assert "<!-- linear -->" in (tmp_path / "a.svg").read_text()
    slower = replace(layers, rows=(("G linear1", 8.0, 2.0),))
    (tmp_path / "of" / "b.json").write_text(Measurements("2026-01-03", facts, (slower,)).to_json())
    assert cli.main(["bench", "--history", "of"]) == 0
    out = capsys.readouterr().out
    assert "| linear | 3.50 ± 0.50 |" in out
    assert out.splitlines()[-1].startswith("± is half the range of the reports of a commit: ")
    for words, sentence in (
        (["--only", "layers"], "--only is for a measurement: leave it out with --history"),
        (["--device", "cuda"], "--device is for a measurement: leave it out with --history"),
        (["--reports", "of/a.json"], "--history reads all reports of its folder: leave out"),
    ):
        said = refused(capsys, ["bench", "--history", "of", *words])
        assert said.startswith(f"minigan: {sentence}")


def test_the_times_of_a_gpu_are_compared_with_those_of_a_cpu(capsys, monkeypatch, tmp_path):
    table = Table(
        "iteration", "Times", (Column("m", key=True), Column("ms", ratio=True)), ((4, 8),)
    )
    old = Measurements("2026-12-31", {"device": "cpu"}, (table,))
    (tmp_path / "cpu.json").write_text(old.to_json())
    of_gpu = record(0.0)
    of_gpu.timings.append(replace(table, rows=((4, 2),)))
    monkeypatch.setattr(gpu, "verify", lambda *arguments, **options: of_gpu)
    assert cli.main(["bench", "--device", "cuda", "--compare", "cpu.json"]) == 0
    page = capsys.readouterr().out
    assert "- device: cpu (old), NVIDIA Something (new)" in page
    assert "| 4 | 8 | 2 | 0.25 |" in page
    # The file of the record gives the same comparison.
    assert compare(old, read(tmp_path / "gpu_verified.json")) in page


def columns_of(tables):
    for table in tables:
        yield {**table, "columns": tuple(Column(**column) for column in table["columns"])}


def test_bench_writes_the_whole_report_once_into_standard_output():
    command = [sys.executable, "-m", "minigan", "bench", "--quick", "--only", "iteration,parzen"]
    done = subprocess.run(
        [*command, "--json", "/dev/stdout"], capture_output=True, text=True, check=True
    )
    page, brace, report = done.stdout.partition("\n{")
    assert "| limit |" in page
    assert len(json.loads(brace + report)["tables"]) > 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "x"], "'x' cannot be measured: choose from layers, iteration, growth, start"),
        (["--compare", "no.json"], "no.json cannot be read: No such file or directory"),
        (["--compare", "tiny.toml"], "tiny.toml is damaged: it is not JSON (Expecting"),
        (
            ["--out", "gpu.json"],
            "--out is for the record of a GPU: add --device cuda, or write the report with --json",
        ),
        (["--reports", "a.json"], "--reports are files to plot: add --plot FILE"),
        (["--plot", "a.png", "--reports", "b.json"], "--quick is for a measurement: leave it out"),
        (["--plot", "a.txt"], "a.txt must end in .png, .svg or .pdf"),
        (["--device", "cuda", "--only", "iteration"], "--only needs --device cpu: leave it out"),
        (["--device", "cuda", "--json", "x"], "--json needs --device cpu: leave it out (--out"),
        (["--device", "cuda", "--out", "no/gpu.json"], "the folder no of --out does not exist"),
        (["--device", "gpu"], "there is no device 'gpu': choose cpu, cuda or cuda:1"),
        (["--threads", "-1"], "argument --threads: '-1' is not a whole number from 0 to 1024"),
    ],
)
def test_invalid_arguments_are_refused(capsys, words, sentence):
    assert refused(capsys, ["bench", "--quick", *words]).startswith(f"minigan: {sentence}")


def test_without_a_gpu_there_is_one_message_and_no_record(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "cupy", None)
    sentence = refused(capsys, ["bench", "--device", "cuda"])
    assert sentence.startswith("minigan: device cuda needs CuPy, which cannot be imported here (")
    assert not (tmp_path / gpu.NAME).exists()


def record(error):
    return Verification(
        date="2027-01-01",
        commit=None,
        changed=False,
        quick=False,
        device={"name": "NVIDIA Something"},
        versions={},
        hashes={},
        checks=[CheckResult("descent", error, 0.0, "largest difference")],
        repeated=[RepeatResult("algorithm1", 100, None)],
    )


@pytest.mark.parametrize(("error", "status"), [(0.0, 0), (0.5, 1)])
def test_the_verification_of_a_gpu_is_printed_and_recorded(
    capsys, monkeypatch, tmp_path, error, status
):
    calls = []

    def verify(*arguments, **options):
        calls.append((arguments, options))
        return record(error)

    monkeypatch.setattr(gpu, "verify", verify)
    command = ["bench", "--device", "cuda:1", "--threads", "2", "--quiet"]
    assert cli.main(command) == status
    assert calls == [(("cuda:1", False), {"threads": 2, "quiet": True})]
    assert "NVIDIA Something" in capsys.readouterr().out
    assert json.loads((tmp_path / "gpu_verified.json").read_text())["passed"] is (status == 0)


def test_a_quick_verification_writes_a_record_only_with_out(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(gpu, "verify", lambda *arguments, **options: record(0.0))
    assert cli.main(["bench", "--device", "cuda", "--quick"]) == 0
    assert not (tmp_path / gpu.NAME).exists()
    assert cli.main(["bench", "--device", "cuda", "--quick", "--out", "quick.json"]) == 0
    assert (tmp_path / "quick.json").is_file()
