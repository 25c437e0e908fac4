"""Every picture of a folder is found once, and the work grows with the number of files only."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from minigan.data.picture_search import SUFFIXES, files_in_words, find_pictures
from minigan.errors import UserError


def fill(folder, count=10):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        (folder / f"{i}.png").touch()


def test_pictures_are_sorted_by_path_and_other_files_counted(tmp_path):
    fill(tmp_path / "b", 6)
    fill(tmp_path / "a" / "deep", 6)
    for name in ("x.TGA", "y.tga", "README", ".hidden.png"):
        (tmp_path / name).touch()
    paths, others = find_pictures(tmp_path)
    names = [path.relative_to(tmp_path).as_posix() for path in paths]
    expected = [f"{folder}/{i}.png" for folder in ("a/deep", "b") for i in range(6)]
    assert names == expected
    assert others == Counter({".TGA": 1, ".tga": 1, "": 1})


def test_too_few_pictures_are_refused_with_the_files_that_do_not_count(tmp_path):
    fill(tmp_path, 3)
    (tmp_path / "a.heic").touch()
    with pytest.raises(
        UserError, match=r"contains 3 pictures \(not counted: 1 file \(1 \.heic\)\)"
    ):
        find_pictures(tmp_path)


def test_a_folder_that_two_links_lead_to_is_refused_at_once(tmp_path):
    """With 60 levels of two links each, there are 2^60 paths to the pictures."""
    fill(tmp_path / "0")
    for level in range(1, 61):
        (tmp_path / str(level)).mkdir()
        for name in ("left", "right"):
            (tmp_path / str(level) / name).symlink_to(tmp_path / str(level - 1))
    with pytest.raises(UserError, match=r"leads to the same folder as .*: remove the link"):
        find_pictures(tmp_path / "60")


def test_a_folder_deeper_than_the_stack_of_python_is_searched(tmp_path):
    paths = [str(tmp_path)]
    for _ in range(1500):
        paths.append(f"{paths[-1]}/d")
        os.mkdir(paths[-1])
    fill(Path(paths[-1]))
    try:
        assert len(find_pictures(tmp_path)[0]) == 10
    finally:  # pytest could not remove it
        for path in Path(paths[-1]).iterdir():
            path.unlink()
        for path in reversed(paths[1:]):
            os.rmdir(path)


def test_only_the_most_frequent_suffixes_are_named():
    others = Counter({f".{i}": 10 - i for i in range(8)} | {"": 1})
    assert files_in_words(others) == (
        "53 files (10 .0, 9 .1, 8 .2, 7 .3, 6 .4, 13 with another name)"
    )
    assert ".heic" not in SUFFIXES
