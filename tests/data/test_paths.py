"""A data set is searched for in documented folders, and a download is found again."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import platformdirs
import pytest

from minigan.data import paths
from minigan.data.catalogue import FASHION_MNIST, MNIST
from minigan.errors import UserError

NAMES = [file.name for file in MNIST.files]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The user's cache, replaced by a temporary folder for all tests of this file."""
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


def test_without_option_and_variable_only_the_cache_is_searched(cache):
    assert paths.candidate_folders(MNIST, None) == [cache / "mnist"]
    assert paths.candidate_folders(FASHION_MNIST, None) == [cache / "fashion-mnist"]


def test_the_folder_of_the_variable_is_searched_before_the_cache(cache, monkeypatch):
    monkeypatch.setenv("MINIGAN_DATA", "/d")
    assert paths.candidate_folders(MNIST, None) == [Path("/d/mnist"), Path("/d"), cache / "mnist"]


def test_an_empty_variable_is_ignored(cache, monkeypatch):
    monkeypatch.setenv("MINIGAN_DATA", "")
    assert paths.candidate_folders(MNIST, None) == [cache / "mnist"]
    assert paths.download_folder(MNIST, None) == cache / "mnist"


def test_with_data_dir_nothing_else_is_searched(monkeypatch):
    monkeypatch.setenv("MINIGAN_DATA", "/elsewhere")
    assert paths.candidate_folders(MNIST, Path("/d")) == [Path("/d/mnist"), Path("/d")]


def test_the_first_folder_with_all_four_files_plain_or_compressed_is_found(
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


def test_two_data_sets_with_the_same_file_names_can_share_a_folder(tmp_path):
    fill(tmp_path)
    fill(tmp_path / "fashion-mnist")
    assert paths.find(MNIST, tmp_path) == tmp_path
    assert paths.find(FASHION_MNIST, tmp_path) == tmp_path / "fashion-mnist"


def test_of_two_files_the_compressed_one_is_read(tmp_path):
    file, compressed = MNIST.train_labels, tmp_path / "train-labels-idx1-ubyte.gz"
    assert paths.path_of(tmp_path, file) == compressed
    fill(tmp_path, [file.name], "")
    assert paths.path_of(tmp_path, file) == tmp_path / "train-labels-idx1-ubyte"
    fill(tmp_path, [file.name])
    assert paths.path_of(tmp_path, file) == compressed


def test_missing_files_lists_the_files_that_do_not_exist(tmp_path):
    assert paths.missing_files(MNIST, tmp_path / "nowhere") == list(MNIST.files)
    fill(tmp_path, NAMES[1:3])
    assert paths.missing_files(MNIST, tmp_path) == [MNIST.train_images, MNIST.test_labels]


def test_a_download_goes_to_a_folder_with_the_name_of_the_data_set(tmp_path, cache, monkeypatch):
    assert paths.download_folder(MNIST, None) == cache / "mnist"
    monkeypatch.setenv("MINIGAN_DATA", str(tmp_path / "new"))
    assert paths.download_folder(MNIST, None) == tmp_path / "new" / "mnist"
    assert paths.download_folder(MNIST, tmp_path / "mnist") == tmp_path / "mnist"
    assert (
        paths.download_folder(FASHION_MNIST, tmp_path / "mnist")
        == tmp_path / "mnist" / "fashion-mnist"
    )
    (tmp_path / "mnist").mkdir()
    monkeypatch.chdir(tmp_path / "mnist")
    assert paths.download_folder(MNIST, Path()) == Path()


def test_a_download_never_goes_to_a_folder_that_may_contain_another_data_set(tmp_path):
    fill(tmp_path, NAMES[:3])
    assert paths.download_folder(MNIST, tmp_path) == tmp_path / "mnist"


def test_a_download_does_not_overwrite_another_complete_data_set(tmp_path):
    fill(tmp_path)
    assert paths.download_folder(FASHION_MNIST, tmp_path) == tmp_path / "fashion-mnist"


STATES = {"nothing": [], "part": NAMES[:2], "all": NAMES}


@pytest.mark.parametrize("base_name", ["mnist", "data"])
@pytest.mark.parametrize("option", [True, False], ids=["option", "variable"])
@pytest.mark.parametrize("state", [*itertools.product(STATES, repeat=3)], ids="-".join)
def test_a_download_is_found(tmp_path, cache, monkeypatch, base_name, option, state):
    base = tmp_path / base_name
    folders = (base, base / "mnist", cache / "mnist")
    for folder, name in zip(folders, state, strict=True):
        fill(folder, STATES[name])
    if not option:
        monkeypatch.setenv("MINIGAN_DATA", str(base))
    data_dir = base if option else None
    home = paths.download_folder(MNIST, data_dir)
    fill(home)
    assert paths.find(MNIST, data_dir) == home


def test_the_message_for_a_missing_data_set_has_the_folders_and_the_command(cache, monkeypatch):
    assert paths.missing_message(MNIST, None) == (
        f"mnist was not found (searched in {cache}/mnist): `minigan data fetch mnist` downloads it "
        "(11.6 MB), or give a folder that contains it with --data-dir DIR"
    )
    monkeypatch.setenv("MINIGAN_DATA", "/no where")
    assert paths.missing_message(FASHION_MNIST, None) == (
        f"fashion-mnist was not found (searched in /no where/fashion-mnist, /no where, "
        f"{cache}/fashion-mnist): `minigan data fetch fashion-mnist` downloads it (30.9 MB), "
        "or give a folder that contains it with --data-dir DIR"
    )


def test_a_required_data_set_has_its_folder_and_the_command_that_repairs_it(tmp_path, cache):
    with pytest.raises(UserError) as caught:
        paths.required_folder(MNIST, tmp_path)
    assert str(caught.value) == paths.missing_message(MNIST, tmp_path)
    fill(tmp_path)
    folder, remedy = paths.required_folder(MNIST, tmp_path)
    assert folder == tmp_path
    assert remedy == f"download it again with: {paths.fetch_command(MNIST, tmp_path)}"


def test_the_command_contains_the_data_dir_of_the_caller(tmp_path):
    folder = tmp_path / "my data"
    folder.mkdir()
    assert paths.missing_message(MNIST, folder) == (
        f"mnist was not found (searched in {folder}/mnist, {folder}): "
        f"`minigan data fetch mnist --data-dir '{folder}'` downloads it (11.6 MB), "
        "or give a folder that contains it with --data-dir DIR"
    )


@pytest.mark.parametrize("inner", ["", "mnist"])
def test_the_missing_files_of_an_incomplete_data_set_are_listed(tmp_path, inner):
    fill(tmp_path / inner, NAMES[1:3])
    assert paths.missing_message(MNIST, tmp_path) == (
        f"the folder {tmp_path / inner} contains mnist without train-images-idx3-ubyte and "
        "t10k-labels-idx1-ubyte; download the missing files (11.6 MB in total) with: "
        f"minigan data fetch mnist --data-dir {tmp_path}"
    )


def test_the_message_for_a_data_dir_that_cannot_be_opened_has_the_reason(tmp_path):
    (tmp_path / "file").touch()
    for name, reason in (("none", "No such file or directory"), ("file", "Not a directory")):
        assert paths.find(MNIST, tmp_path / name) is None
        assert paths.missing_message(MNIST, tmp_path / name) == (
            f"the folder {tmp_path / name} of --data-dir cannot be opened: {reason}; "
            "give a folder that contains mnist, or omit the option and run: "
            "minigan data fetch mnist"
        )


def test_a_folder_without_permission_is_reported_with_the_reason(tmp_path, cache, monkeypatch):
    """Simulates the system: no file in the folder seems to exist, and opening it fails."""
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
    assert paths.download_folder(MNIST, closed) == closed / "mnist"
    assert paths.missing_message(MNIST, closed).startswith(
        f"the folder {closed} of --data-dir cannot be opened: Permission denied; give a "
    )
    monkeypatch.setenv("MINIGAN_DATA", str(closed))
    assert paths.find(MNIST, None) is None
    assert paths.missing_message(MNIST, None).startswith(
        f"mnist was not found (searched in {closed}/mnist, {closed}: Permission denied, "
        f"{cache}/mnist)"
    )


@pytest.mark.parametrize("answer", [RuntimeError("no home"), Path("~/.cache/minigan")])
def test_without_a_home_folder_the_message_says_what_to_do(tmp_path, monkeypatch, answer):
    def user_cache_path(*arguments, **options):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.delenv("MINIGAN_DATA", raising=False)
    monkeypatch.setattr(paths.platformdirs, "user_cache_path", user_cache_path)
    advice = "the user has no home folder{} set MINIGAN_DATA, or give --data-dir"
    assert paths.location_text(MNIST, None) == f"mnist was not found: {advice.format(';')}"
    with pytest.raises(UserError, match=advice.format(":")):
        paths.download_folder(MNIST, None)
    fill(tmp_path, NAMES)
    assert paths.find(MNIST, tmp_path) == tmp_path
