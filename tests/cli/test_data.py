"""`minigan data`: list and fetch."""

from __future__ import annotations

import pytest
from refused import refused

from minigan import cli
from minigan.data import download, sets, tfd
from minigan.data.catalogue import MNIST
from minigan.data.tfd import write


def test_data_list_says_where_each_set_is(capsys, no_data, tmp_path):
    assert cli.main(["data", "list", "--data-dir", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("MNIST handwritten digits")
    assert lines[0].endswith("CC BY-SA 3.0")
    assert "minigan data fetch mnist" in lines[1]
    assert "minigan data fetch fashion-mnist" in lines[3]


def test_data_list_refuses_a_folder_that_does_not_exist(capsys, tmp_path):
    folder = tmp_path / "nowhere"
    assert cli.main(["data", "list", "--data-dir", str(folder)]) == 2
    assert capsys.readouterr() == (
        "",
        f"minigan: the folder {folder} of --data-dir cannot be opened: No such file or directory; "
        "give another folder, or omit the option\n",
    )


def test_data_fetch_downloads_to_a_folder_that_minigan_searches(
    capsys, no_data, monkeypatch, tmp_path
):
    calls = []
    monkeypatch.setattr(download, "fetch", lambda *arguments: calls.append(arguments))
    assert cli.main(["data", "fetch", "mnist", "--quiet"]) == 0
    cache = tmp_path / "cache" / "minigan" / "mnist"
    assert calls == [(MNIST, cache, True)]
    assert capsys.readouterr().out == f"mnist is complete: {cache}\n"
    assert cli.main(["data", "fetch", "mnist", "--data-dir", str(tmp_path)]) == 0
    assert calls[1] == (MNIST, tmp_path / "mnist", False)


def test_data_faces_writes_the_file_that_the_data_set_tfd_reads(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(tfd, "write", lambda path: write(path, unlabelled=5, labelled=200))
    assert cli.main(["data", "faces", "new/faces"]) == 0
    assert capsys.readouterr().out == "new/faces/TFD_48x48.mat\n"
    assert len(sets.load("tfd", tmp_path / "new" / "faces").train) == 5
    sentence = refused(capsys, ["data", "faces", "new/faces"])
    assert sentence == "minigan: new/faces/TFD_48x48.mat exists already: name another folder"


@pytest.mark.parametrize("words", [["data"], ["data", "fetch"], ["data", "fetch", "cifar"]])
def test_data_without_an_action_or_a_name_is_refused(capsys, words):
    assert refused(capsys, words)
