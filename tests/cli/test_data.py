"""`minigan data`: list and fetch."""

from __future__ import annotations

import pytest
from refused import refused

from minigan import cli
from minigan.data import download
from minigan.data.catalogue import MNIST


def test_data_list_says_where_each_set_is(capsys, no_data, tmp_path):
    assert cli.main(["data", "list", "--data-dir", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("MNIST handwritten digits")
    assert lines[0].endswith("CC BY-SA 3.0")
    assert "minigan data fetch mnist" in lines[1]
    assert "minigan data fetch fashion-mnist" in lines[3]


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


@pytest.mark.parametrize("words", [["data"], ["data", "fetch"], ["data", "fetch", "cifar"]])
def test_data_without_an_action_or_a_name_is_refused(capsys, words):
    assert refused(capsys, words)
