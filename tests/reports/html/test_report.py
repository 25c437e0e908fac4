"""The report as a whole: complete, reproducible, without external resources, and escaped."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest
from html_read import EVIL, Read
from runs_of import log_of, train

from minigan.errors import UserError
from minigan.reports import html
from minigan.training.runs import checkpoint


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """A separate cache for these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache-of-score"))
        yield


@pytest.fixture
def path(tmp_path):
    """A finished run."""
    return train(tmp_path / "run").run.path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run and the text of its report."""
    path = train(tmp_path_factory.mktemp("report") / "run").run.path
    return path, html.write(path).read_text("utf-8")


def test_the_report_is_written_to_the_run_folder_or_to_out(path, tmp_path):
    assert html.write(path, score=False) == path / "report.html"
    assert html.write(path, tmp_path / "a.HTM", score=False) == tmp_path / "a.HTM"
    assert (tmp_path / "a.HTM").read_bytes() == (path / "report.html").read_bytes()


def test_the_same_run_gives_the_same_bytes(finished):
    path, text = finished
    assert html.write(path, path / "again.html").read_text("utf-8") == text


def test_the_best_checkpoint_is_read_once(tmp_path, monkeypatch):
    # Figures 2 and 3 and the score use it, and its warning needs all of its bytes.
    path = train(tmp_path / "run", log__monitor="parzen", log__keep_every=3).run.path
    (path / "checkpoints" / "00000003.npz").replace(path / "best.npz")
    state = dict(checkpoint.load(path / "checkpoint.npz"))
    checkpoint.save(path / "checkpoint.npz", state | {"best": np.array([-1.0, 3.0])})
    monkeypatch.setattr("minigan.reports.html.score.SAMPLES", 20)
    monkeypatch.setattr(html.quality, "quality_section", lambda history, log: None)
    read, load = [], checkpoint.load

    def counted(path, *more):
        read.append(path.name)
        return load(path, *more)

    monkeypatch.setattr(checkpoint, "load", counted)
    text = html.write(path).read_text("utf-8")
    assert "<b>this run, best checkpoint" in text
    assert "G of the best checkpoint" in text
    assert read.count("best.npz") == 1


def test_the_page_has_no_external_references(finished):
    read = Read(finished[1])
    for name, attributes in read.elements:
        assert name not in ("link", "iframe", "object", "embed", "base", "a", "form")
        for key, value in attributes.items():
            assert not key.startswith("on"), (name, key)
            assert key != "style", name
            if key in ("src", "href", "srcset", "data", "action", "poster"):
                assert value.startswith("data:image/png;base64,"), (name, key)
    assert not re.search(r"https?://|url\(|@import", finished[1])
    assert len(read.of("script")) == 1
    assert read.of("script") == [{}]


def test_the_sheets_are_the_unchanged_files_of_the_run(finished):
    path, text = finished
    sources = [image["src"] for image in Read(text).of("img")]
    embedded = [base64.b64decode(source.partition(",")[2]) for source in sources]
    files = [file.read_bytes() for file in sorted((path / "samples").glob("*.png"))]
    assert embedded[: len(files)] == files
    assert len(embedded) == len(files) + 2  # and Figures 2 and 3


def test_every_number_of_the_log_is_in_the_table_and_in_a_readout_or_among_the_constants(finished):
    path, text = finished
    (constants,) = re.findall("Constant in all log lines: (.*?)</p>", text)
    readouts = " ".join(svg["data-points"] for svg in Read(text).of("svg"))
    for line in log_of(path):
        for name, value in line.items():
            if name != "iteration":
                shown = f"{value:.6g}".replace("-", "\N{MINUS SIGN}", 1 if value < 0 else 0)
                pattern = rf'iteration {line["iteration"]}: [^"]*{re.escape(shown)}\b'
                if not re.search(pattern, readouts):
                    assert re.search(rf"\b{name} {re.escape(shown)}\b", constants), (name, value)
                assert f"<td>{shown}</td>" in text


def test_the_sections_are_in_order(finished):
    headings = re.findall("<h2>(.*?)</h2>", finished[1])
    assert headings == [
        *("Samples over time", "Curves", "Figures", "Log-likelihood"),
        *("Image statistics", "Checkpoints", "Recipe", "Environment", "Log"),
    ]


def test_the_score_can_be_left_out(path):
    text = html.write(path, score=False).read_text("utf-8")
    assert "Log-likelihood" not in text
    assert "Environment" in text


def test_progress_is_logged_unless_quiet(path, capsys):
    html.write(path, quiet=False)
    out, err = capsys.readouterr()
    assert out == ""
    assert "figure 2\nfigure 3\nthe log-likelihood of the last checkpoint\n" in err
    html.write(path, quiet=True)
    assert capsys.readouterr() == ("", "")


def test_a_report_with_points_a_damaged_checkpoint_and_an_empty_log_is_written(tmp_path):
    path = train(tmp_path / "run", data__set="ring", generator__output="linear").run.path
    (path / "checkpoint.npz").write_bytes(b"x")
    (path / "best.npz").unlink()
    (path / "log.jsonl").write_text("")
    for file in (path / "samples").iterdir():
        file.unlink()
    text = html.write(path).read_text("utf-8")
    assert "Nothing has been logged yet." in text
    assert "The run has no sample sheet" in text
    assert "nan" not in Read(text).text


def test_a_log_of_one_line_is_enough_for_a_report(path):
    lines = (path / "log.jsonl").read_text().splitlines(keepends=True)
    (path / "log.jsonl").write_text(lines[0])
    read = Read(html.write(path, score=False).read_text("utf-8"))
    assert all(len(json.loads(svg["data-points"])) == 1 for svg in read.of("svg"))


def test_text_from_files_never_becomes_markup(tmp_path):
    path = train(tmp_path / "<script>alert(1)<b>").run.path
    facts = json.loads((path / "environment.json").read_text())
    facts |= {"processor": EVIL, EVIL: EVIL, "device": EVIL, "minigan": EVIL, "system": "\ud800"}
    facts["data"] |= {"where": EVIL}
    facts["resumed"] = [{"iteration": 3, "numpy": EVIL, EVIL: EVIL}]
    (path / "environment.json").write_text(json.dumps(facts))
    with (path / "log.jsonl").open("a") as log:
        log.write(json.dumps({"iteration": 7, EVIL: 1.0, "words": EVIL}) + "\n")
    text = html.write(path, score=False).read_bytes().decode()
    read = Read(text)
    assert read.of("script") == [{}]
    assert read.of("b") == [{}] * len(read.of("b"))
    assert "alert" not in "".join(name + str(sorted(a)) for name, a in read.elements)
    assert read.text.count(EVIL) >= 8
    assert "<script>alert" not in text


def test_invalid_arguments_raise_an_error_and_write_no_file(path, tmp_path):
    before = sorted(path.rglob("*"))
    with pytest.raises(UserError, match=r"is a folder: give --out a file, such as .*report\.html"):
        html.write(path, tmp_path)
    with pytest.raises(UserError, match=r"log\.jsonl must end in \.html: the report is"):
        html.write(path, path / "log.jsonl")
    with pytest.raises(UserError, match=r"is not a run folder"):
        html.write(tmp_path)
    with pytest.raises(FileNotFoundError):
        html.write(path, tmp_path / "nowhere" / "a.html", score=False)
    assert sorted(path.rglob("*")) == before


def test_an_existing_report_is_replaced_atomically(path, monkeypatch):
    html.write(path, score=False)
    old = (path / "report.html").read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        html.write(path)
    assert (path / "report.html").read_bytes() == old
    assert not list(path.glob(".*.part"))
