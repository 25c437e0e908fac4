"""A set is looked for where the user said, and a download goes where it will be found."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import platformdirs
import pytest

from minigan.data import paths
from minigan.data.catalogue import FASHION_MNIST, MNIST

NAMES = [file.name for file in MNIST.files]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The user's cache, which no test of this file may look for elsewhere."""
    monkeypatch.delenv(paths.VARIABLE, raising=False)

    def user_cache_path(appname, appauthor):
        assert (appname, appauthor) == ("minigan", False)
        return tmp_path / "cache"

    monkeypatch.setattr(platformdirs, "user_cache_path", user_cache_path)
    return tmp_path / "cache"


def fill(folder, names=NAMES, ending=".gz"):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}{ending}").touch()
    return folder


def test_without_a_word_from_the_user_only_the_cache_is_asked(cache):
    assert paths.candidates(MNIST, None) == [cache / "mnist"]
    assert paths.candidates(FASHION_MNIST, None) == [cache / "fashion-mnist"]


def test_the_variable_comes_before_the_cache(cache, monkeypatch):
    monkeypatch.setenv("MINIGAN_DATA", "/d")
    assert paths.candidates(MNIST, None) == [Path("/d/mnist"), Path("/d"), cache / "mnist"]


def test_an_empty_variable_says_nothing(cache, monkeypatch):
    monkeypatch.setenv("MINIGAN_DATA", "")
    assert paths.candidates(MNIST, None) == [cache / "mnist"]
    assert paths.home(MNIST, None) == cache / "mnist"


def test_a_data_dir_is_asked_and_nothing_else(monkeypatch):
    monkeypatch.setenv("MINIGAN_DATA", "/elsewhere")
    assert paths.candidates(MNIST, Path("/d")) == [Path("/d/mnist"), Path("/d")]


def test_the_first_folder_with_all_four_files_plain_or_packed_is_found(
    tmp_path, cache, monkeypatch
):
    base = tmp_path / "base"
    monkeypatch.setenv("MINIGAN_DATA", str(base))
    assert paths.find(MNIST, None) is None
    fill(cache / "mnist")
    assert paths.find(MNIST, None) == cache / "mnist"
    fill(base, NAMES[:2], "")
    assert paths.find(MNIST, None) == cache / "mnist"
    fill(base, NAMES[2:])
    assert paths.find(MNIST, None) == base
    fill(base / "mnist")
    assert paths.find(MNIST, None) == base / "mnist"
    assert paths.find(MNIST, tmp_path) is None


def test_two_sets_with_files_of_the_same_names_can_lie_in_one_folder(tmp_path):
    fill(tmp_path)
    fill(tmp_path / "fashion-mnist")
    assert paths.find(MNIST, tmp_path) == tmp_path
    assert paths.find(FASHION_MNIST, tmp_path) == tmp_path / "fashion-mnist"


def test_of_two_files_the_packed_one_is_read_which_a_download_would_replace(tmp_path):
    file, packed = MNIST.train_labels, tmp_path / "train-labels-idx1-ubyte.gz"
    assert paths.path_of(tmp_path, file) == packed
    fill(tmp_path, [file.name], "")
    assert paths.path_of(tmp_path, file) == tmp_path / "train-labels-idx1-ubyte"
    fill(tmp_path, [file.name])
    assert paths.path_of(tmp_path, file) == packed


def test_missing_names_the_files_that_are_not_there(tmp_path):
    assert paths.missing(MNIST, tmp_path / "nowhere") == list(MNIST.files)
    fill(tmp_path, NAMES[1:3])
    assert paths.missing(MNIST, tmp_path) == [MNIST.train_images, MNIST.test_labels]


def test_a_download_goes_to_a_folder_of_the_name_of_the_set(tmp_path, cache, monkeypatch):
    assert paths.home(MNIST, None) == cache / "mnist"
    monkeypatch.setenv("MINIGAN_DATA", str(tmp_path / "new"))
    assert paths.home(MNIST, None) == tmp_path / "new" / "mnist"
    assert paths.home(MNIST, tmp_path / "mnist") == tmp_path / "mnist"
    assert paths.home(FASHION_MNIST, tmp_path / "mnist") == tmp_path / "mnist" / "fashion-mnist"
    (tmp_path / "mnist").mkdir()
    monkeypatch.chdir(tmp_path / "mnist")
    assert paths.home(MNIST, Path()) == Path()


def test_a_download_never_goes_where_files_of_another_set_may_lie(tmp_path):
    fill(tmp_path, NAMES[:3])
    assert paths.home(MNIST, tmp_path) == tmp_path / "mnist"


def test_a_download_spares_the_complete_set_of_another_name(tmp_path):
    fill(tmp_path)
    assert paths.home(FASHION_MNIST, tmp_path) == tmp_path / "fashion-mnist"


STATES = {"nothing": [], "part": NAMES[:2], "all": NAMES}


@pytest.mark.parametrize("base_name", ["mnist", "data"])
@pytest.mark.parametrize("option", [True, False], ids=["option", "variable"])
@pytest.mark.parametrize("state", [*itertools.product(STATES, repeat=3)], ids="-".join)
def test_what_was_downloaded_is_found(tmp_path, cache, monkeypatch, base_name, option, state):
    base = tmp_path / base_name
    folders = (base, base / "mnist", cache / "mnist")
    for folder, name in zip(folders, state, strict=True):
        fill(folder, STATES[name])
    if not option:
        monkeypatch.setenv("MINIGAN_DATA", str(base))
    data_dir = base if option else None
    home = paths.home(MNIST, data_dir)
    fill(home)
    assert paths.find(MNIST, data_dir) == home


def test_where_nothing_is_the_sentence_says_where_it_looked_and_what_to_do(cache, monkeypatch):
    assert paths.missing_sentence(MNIST, None) == (
        f"mnist is not here (looked in {cache}/mnist): `minigan data fetch mnist` downloads it "
        "(11.6 MB), or --data-dir DIR names a folder that holds it"
    )
    monkeypatch.setenv("MINIGAN_DATA", "/no where")
    assert paths.missing_sentence(FASHION_MNIST, None) == (
        f"fashion-mnist is not here (looked in /no where/fashion-mnist, /no where, "
        f"{cache}/fashion-mnist): `minigan data fetch fashion-mnist` downloads it (30.9 MB), "
        "or --data-dir DIR names a folder that holds it"
    )


def test_the_command_names_the_data_dir_in_which_the_download_will_be_found(tmp_path):
    folder = tmp_path / "my data"
    folder.mkdir()
    assert paths.missing_sentence(MNIST, folder) == (
        f"mnist is not here (looked in {folder}/mnist, {folder}): "
        f"`minigan data fetch mnist --data-dir '{folder}'` downloads it (11.6 MB), "
        "or --data-dir DIR names a folder that holds it"
    )


@pytest.mark.parametrize("inner", ["", "mnist"])
def test_of_a_set_in_part_the_missing_files_are_named(tmp_path, inner):
    fill(tmp_path / inner, NAMES[1:3])
    assert paths.missing_sentence(MNIST, tmp_path) == (
        f"the folder {tmp_path / inner} holds mnist without train-images-idx3-ubyte and "
        "t10k-labels-idx1-ubyte; get what is missing (11.6 MB in all) with: "
        f"minigan data fetch mnist --data-dir {tmp_path}"
    )


def test_a_data_dir_that_is_not_there_or_no_folder_has_its_own_sentence(tmp_path):
    (tmp_path / "file").touch()
    for name, trouble in (("none", "No such file or directory"), ("file", "Not a directory")):
        assert paths.find(MNIST, tmp_path / name) is None
        assert paths.missing_sentence(MNIST, tmp_path / name) == (
            f"the folder {tmp_path / name} of --data-dir cannot be opened: {trouble}; "
            "name one that holds mnist, or leave the option out and run: minigan data fetch mnist"
        )


def test_a_folder_that_may_not_be_entered_is_told_and_no_traceback(tmp_path, cache, monkeypatch):
    """As the system refuses: nothing in the folder seems to be there, and opening it fails."""
    closed = fill(tmp_path / "closed")
    exists, scandir = os.path.exists, os.scandir

    def exists_outside(path):
        return closed not in Path(path).parents and exists(path)

    def scandir_outside(path):
        if os.fspath(path) == f"{closed}{os.sep}.":
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os.path, "exists", exists_outside)
    monkeypatch.setattr(os, "scandir", scandir_outside)
    assert paths.find(MNIST, closed) is None
    assert paths.home(MNIST, closed) == closed / "mnist"
    assert paths.missing_sentence(MNIST, closed).startswith(
        f"the folder {closed} of --data-dir cannot be opened: Permission denied; name one "
    )
    monkeypatch.setenv("MINIGAN_DATA", str(closed))
    assert paths.find(MNIST, None) is None
    assert paths.missing_sentence(MNIST, None).startswith(
        f"mnist is not here (looked in {closed}/mnist, {closed}: Permission denied, {cache}/mnist)"
    )
