"""A path in a folder is used only if no link leads out of the folder."""

from __future__ import annotations

import pytest

from minigan.system.links import inside


@pytest.fixture
def run(tmp_path):
    (tmp_path / "run" / "samples").mkdir(parents=True)
    (tmp_path / "photos").mkdir()
    return tmp_path / "run"


def test_files_folders_and_missing_paths_inside_are_returned(run):
    for name in ("samples", "samples/1.png", "none/below"):
        assert inside(run, name) == run / name


def test_a_link_within_the_folder_is_allowed(run):
    (run / "last").symlink_to("samples")
    assert inside(run, "last/1.png") == run / "last" / "1.png"


def test_the_folder_itself_may_be_a_link(run, tmp_path):
    (tmp_path / "latest").symlink_to("run")
    assert inside(tmp_path / "latest", "samples") == tmp_path / "latest" / "samples"


@pytest.mark.parametrize("target", ["../photos", "/", "../none", "/dev/null", "../run2"])
def test_a_link_that_leads_out_is_refused_and_named(run, tmp_path, target):
    (tmp_path / "run2").mkdir()  # its name begins like that of the folder
    (run / "out").symlink_to(target)
    for name in ("out", "out/1.png"):
        with pytest.raises(OSError, match="it is a link that leads out of") as caught:
            inside(run, name)
        assert caught.value.filename == str(run / "out")
