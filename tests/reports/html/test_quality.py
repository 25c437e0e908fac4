"""The section with the image statistics of a run."""

from __future__ import annotations

from dataclasses import replace

import tiny
from html_read import Read
from runs_of import train

from minigan.reports.html import history
from minigan.reports.html.quality import quality_section


def test_the_table_has_the_samples_in_bold_and_four_numbers(tmp_path):
    run, logged = history.read(train(tmp_path / "run").run.path), []
    markup = quality_section(run, logged.append)
    assert logged == ["the image statistics"]
    assert "<b>samples of G</b>" in markup
    assert "598 images of each kind, compared with 1,197 training images" in Read(markup).text
    without = quality_section(replace(run, data=None, data_error="it is lost"), logged.append)
    assert Read(without).text == "The training examples are needed: it is lost."


def test_a_conditional_run_has_a_table_of_its_classes(tmp_path):
    found = history.read(train(tmp_path / "run", **tiny.CONDITIONAL).run.path)
    text = Read(quality_section(found, lambda text: None)).text
    assert "598 images of each kind" in text
    assert "1,000 samples of each class" in text
    assert "wrong for 10.0 % of held-out images" in text


def test_points_have_no_section_and_an_unusable_checkpoint_has_a_sentence(tmp_path):
    points = train(tmp_path / "points", data__set="ring", generator__output="linear").run
    assert quality_section(history.read(points.path), print) == ""
    run = train(tmp_path / "run").run
    found = history.read(run.path)
    (run.path / "checkpoint.npz").write_bytes(b"?")
    assert "could not be computed" in Read(quality_section(found, lambda text: None)).text
