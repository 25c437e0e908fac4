"""A checkpoint is written completely or not at all; a damaged one is refused with one message."""

from __future__ import annotations

import copy
import errno
import gc
import io
import os
import re
import resource
import tracemalloc
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from minigan.errors import UserError
from minigan.training.runs import checkpoint

OLD = {"theta": np.arange(6, dtype=np.float32), "updates": np.array([3, 4])}
NEW = {"theta": np.ones(6, dtype=np.float32), "updates": np.array([5, 6])}


def same(one, other):
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and np.array_equal(one[name], other[name])
        for name in one
    )


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(path, OLD)
    return path


def npz(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_names_dtypes_shapes_and_numbers_are_loaded_as_saved(path):
    arrays = {
        "a": np.array([[1.5, np.nan], [-0.0, np.inf]], dtype=np.float32),
        "b": np.array(7),
        "c": np.zeros((0, 3)),
        "d": np.array([True, False]),
    }
    checkpoint.save(path, arrays)
    loaded = checkpoint.load(path)
    assert list(loaded) == list(arrays)
    for name, array in arrays.items():
        assert (loaded[name].dtype, loaded[name].shape) == (array.dtype, array.shape)
        assert loaded[name].tobytes() == array.tobytes()


def test_numpy_reads_a_checkpoint_without_pickle_and_finds_the_version(path):
    with np.load(path, allow_pickle=False) as file:
        assert sorted(file.files) == ["theta", "updates", "version"]
        assert file["version"] == checkpoint.VERSION == 1


def test_equal_arrays_make_equal_bytes_at_any_time(path, monkeypatch):
    before = path.read_bytes()
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    checkpoint.save(path, OLD)
    assert path.read_bytes() == before


def test_saving_replaces_the_file_and_leaves_no_other(path):
    checkpoint.save(path, NEW)
    assert same(checkpoint.load(path), NEW)
    assert list(path.parent.iterdir()) == [path]


def test_the_permissions_of_a_new_file_follow_the_umask(path):
    for umask, mode in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
        path.unlink()
        previous = os.umask(umask)
        try:
            checkpoint.save(path, NEW)
        finally:
            os.umask(previous)
        assert path.stat().st_mode & 0o777 == mode


class FullFile(io.FileIO):
    """A file whose `broken` operation fails like a full disk, a write after its first half."""

    broken = ""
    error: BaseException

    def write(self, data):
        if self.broken == "write":
            super().write(bytes(data)[: len(data) // 2])
            raise self.error
        return super().write(data)

    def flush(self):
        if self.broken == "flush" and not self.closed:
            raise self.error
        super().flush()


def break_operation(monkeypatch, name, error):
    def refuse(*arguments, **options):
        raise error

    def open_full(path, mode, buffering):
        file = FullFile(path, mode.replace("b", ""))
        file.broken, file.error = name, error
        return file

    if name in ("write", "flush"):
        monkeypatch.setattr(Path, "open", open_full)
    elif name == "open":
        monkeypatch.setattr(Path, "open", refuse)
    else:
        monkeypatch.setattr(os, name, refuse)


@pytest.mark.parametrize("operation", ["open", "write", "flush", "fsync", "replace"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
def test_a_fault_in_any_operation_keeps_the_previous_file_and_nothing_else(
    path, monkeypatch, operation, error
):
    with monkeypatch.context() as patch:
        break_operation(patch, operation, error)
        with pytest.raises(type(error)) as caught:
            checkpoint.save(path, NEW)
    assert same(checkpoint.load(path), OLD)
    assert list(path.parent.iterdir()) == [path]
    if isinstance(error, OSError):
        assert str(caught.value) == f"[Errno 28] No space left on device: {str(path)!r}"


def test_the_bytes_are_flushed_before_the_file_is_renamed(path, monkeypatch):
    order = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *a, name=name, real=real: (order.append(name), real(*a))[1]
        )
    checkpoint.save(path, NEW)
    assert order == ["fsync", "replace", "fsync"]  # the file, its new name, the folder


def test_a_folder_that_cannot_be_flushed_does_not_lose_the_file(path, monkeypatch):
    real = os.open

    def refuse_folders(name, *arguments, **options):
        if Path(name).is_dir():
            raise OSError(errno.EINVAL, "Invalid argument")
        return real(name, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse_folders)
    checkpoint.save(path, NEW)
    assert same(checkpoint.load(path), NEW)


@contextmanager
def largest_file(size):
    """Limit the files of this process to `size` bytes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 1, 500])
def test_a_file_size_limit_keeps_the_previous_file(path, size):
    with largest_file(size), pytest.raises(OSError, match="File too large") as caught:
        checkpoint.save(path, NEW)
    assert caught.value.filename == str(path)
    assert same(checkpoint.load(path), OLD)
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_folder_is_named_in_the_error(tmp_path):
    path = tmp_path / "nowhere" / "checkpoint.npz"
    with pytest.raises(FileNotFoundError, match=re.escape(str(path))):
        checkpoint.save(path, OLD)


def test_python_objects_are_refused_when_saving(path):
    with pytest.raises(ValueError, match="allow_pickle"):
        checkpoint.save(path, {"theta": np.array([{}], dtype=object)})
    assert same(checkpoint.load(path), OLD)


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(UserError, match=r"there is no checkpoint .*gone\.npz$"):
        checkpoint.load(tmp_path / "gone.npz")


def test_a_folder_in_its_place_is_refused_with_the_reason(tmp_path):
    with pytest.raises(UserError, match=r"cannot be read: Is a directory$"):
        checkpoint.load(tmp_path)


def test_a_checkpoint_cut_at_any_length_is_refused(path):
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"is damaged or not a checkpoint: use another one$"):
            checkpoint.load(path)


def sentence_of_refusal(path):
    """The error message for a damaged copy of OLD, or "" if all loaded numbers are right.

    A whole array may be missing; the caller then raises an error for its name.
    """
    try:
        loaded = checkpoint.load(path)
    except UserError as error:
        return str(error)
    assert same(loaded, {name: OLD[name] for name in loaded})
    return ""


def test_a_flipped_bit_is_refused_or_gives_the_same_numbers(path):
    whole = path.read_bytes()
    rng = np.random.default_rng(7)
    sentences = []
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        sentences.append(sentence_of_refusal(path))
    assert sum(map(bool, sentences)) > len(whole) / 2
    assert not any("\n" in sentence for sentence in sentences)


@pytest.mark.parametrize(("true", "false"), [(b"(3000,)", b"(2000,)"), (b"<f4", b"<f2")])
def test_a_changed_shape_or_dtype_is_refused_also_if_it_needs_fewer_bytes(path, true, false):
    checkpoint.save(path, {"theta": np.arange(3000, dtype=np.float32)})
    whole = path.read_bytes()
    assert whole.count(true) == 1
    path.write_bytes(whole.replace(true, false))
    with pytest.raises(UserError, match="is damaged"):
        checkpoint.load(path)


def test_random_bytes_in_a_checkpoint_are_refused_or_give_the_same_numbers(path):
    whole = path.read_bytes()
    rng = np.random.default_rng(8)
    for _ in range(300):
        start, length = rng.integers(len(whole)), rng.integers(1, 50)
        damaged = whole[:start] + rng.bytes(length) + whole[start + length :]
        path.write_bytes(damaged)
        assert "\n" not in sentence_of_refusal(path)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"PK\x03\x04", b"\x93NUMPY\x01\x00", bytes(10_000)]
)
def test_a_file_that_is_not_a_checkpoint_is_refused(path, data):
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"is damaged or not a checkpoint: use another one$"):
        checkpoint.load(path)


def test_a_single_array_is_not_a_checkpoint(path):
    with path.open("wb") as file:
        np.save(file, np.arange(3))
    with pytest.raises(UserError, match=r"is damaged or not a checkpoint: use another one$"):
        checkpoint.load(path)


def test_a_zip_of_other_files_is_not_a_checkpoint(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("version.npy", "1")
    with pytest.raises(UserError, match=r"is damaged or not a checkpoint: use another one$"):
        checkpoint.load(path)


@pytest.mark.parametrize(
    "version", [np.array(0), np.array(True), np.array([1, 1]), np.array([1]), np.array("x")]
)
def test_an_invalid_version_is_refused(path, version):
    npz(path, version=version, **OLD)
    with pytest.raises(UserError, match="is not a checkpoint of minigan: it has no valid version"):
        checkpoint.load(path)


@pytest.mark.parametrize("version", [2, 3, 10**6])
def test_a_newer_version_is_refused_with_what_to_do(path, version):
    npz(path, version=np.array(version), **OLD)
    with pytest.raises(UserError) as caught:
        checkpoint.load(path)
    assert str(caught.value) == (
        f"the checkpoint {path} has format {version}, and this version of minigan reads formats "
        "up to 1: install a newer version of minigan"
    )


def test_a_file_without_a_version_is_refused(path):
    npz(path, **OLD)
    with pytest.raises(UserError, match="is not a checkpoint of minigan: it has no valid version"):
        checkpoint.load(path)


def peak_of_refusal(path):
    """The memory in bytes that is used until the file is refused."""
    gc.collect()
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match=r"is damaged or not a checkpoint: use another one$"):
            checkpoint.load(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def header_of(shape):
    file = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def test_a_zip_bomb_is_refused_without_its_memory(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("version.npy", header_of(()) + bytes(4))
        file.writestr("theta.npy", header_of((2**26,)) + bytes(2**28))
    assert path.stat().st_size < 10**6
    assert peak_of_refusal(path) < 10**6


@pytest.mark.parametrize("count", [10, 10**6, 10**9, 10**15, 2**63, 2**80])
def test_a_shape_larger_than_the_data_uses_no_memory(path, count):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("theta.npy", header_of((count,)) + bytes(4))
    assert peak_of_refusal(path) < 10**6


def test_members_that_share_their_bytes_are_refused(path):
    """A zip bomb without compression: many names for the same large member."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.npy", header_of((2**20,)) + bytes(2**22))
        first = file.infolist()[0]
        for i in range(100):
            twin = copy.copy(first)
            twin.filename = twin.orig_filename = f"{i:01}.npy"[-5:]
            file.filelist.append(twin)
    assert path.stat().st_size < 2**22 + 20_000
    assert peak_of_refusal(path) < 10**6


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compressed_file_is_refused(path, kind):
    whole = zipfile.ZipFile(path).infolist()
    assert {member.compress_type for member in whole} == {zipfile.ZIP_STORED}
    with zipfile.ZipFile(path, "w", kind) as file:
        file.writestr("version.npy", header_of(()) + bytes(4))
    with pytest.raises(UserError, match=r"is damaged or not a checkpoint: use another one$"):
        checkpoint.load(path)


def test_numbers_in_fortran_order_are_refused(path):
    npz(path, version=np.array(1), theta=np.asfortranarray(np.ones((2, 3))))
    with pytest.raises(UserError, match=r"is damaged or not a checkpoint: use another one$"):
        checkpoint.load(path)


def test_a_pipe_in_its_place_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "checkpoint.npz")
    with pytest.raises(UserError, match=r"cannot be read: it is a named pipe, not a regular file$"):
        checkpoint.load(tmp_path / "checkpoint.npz")


def test_loading_uses_little_more_memory_than_the_numbers(path):
    checkpoint.save(path, {"theta": np.zeros(10**6), "v": np.zeros(10**6)})
    gc.collect()
    tracemalloc.start()
    try:
        checkpoint.load(path)
        assert tracemalloc.get_traced_memory()[1] < 33e6  # both arrays, and one as bytes, twice
    finally:
        tracemalloc.stop()


def test_saving_uses_little_more_memory_than_the_numbers(path):
    theta = np.zeros(10**6)
    gc.collect()
    tracemalloc.start()
    try:
        checkpoint.save(path, {"theta": theta})
        assert tracemalloc.get_traced_memory()[1] < 17e6
    finally:
        tracemalloc.stop()


class Trap:
    """Unpickling it makes a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_a_pickled_array_is_refused_and_never_unpickled(path, tmp_path):
    folder = tmp_path / "sprung"
    npz(path, version=np.array(1), theta=np.array([Trap(str(folder))], dtype=object))
    with pytest.raises(UserError, match=r"is damaged or not a checkpoint: use another one$"):
        checkpoint.load(path)
    assert not folder.exists()


@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_a_matching_array_is_returned(shape):
    array = np.full(shape, -2.5, np.float16)
    arrays = {"theta_g": array, "v": np.zeros(7)}
    kinds = [np.float32, np.float16]
    assert checkpoint.matching(arrays, "theta_g", shape, kinds) is array
    assert checkpoint.matching(arrays, "theta_g", shape, kinds, least=-2.5) is array


@pytest.mark.parametrize(
    ("name", "shape", "dtypes"),
    [
        ("v", (2,), [np.float32]),
        ("theta_d", (3,), [np.float32]),
        ("theta_d", (2, 1), [np.float32]),
        ("theta_d", (2,), [np.float64, np.float16]),
    ],
)
def test_an_array_that_does_not_match_is_refused(name, shape, dtypes):
    arrays = {"theta_d": np.zeros(2, np.float32)}
    with pytest.raises(UserError, match="networks of this recipe: use the recipe that it was tr"):
        checkpoint.matching(arrays, name, shape, dtypes)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 2.75])
def test_a_number_that_is_not_finite_or_too_small_is_refused_by_the_name_of_its_array(number):
    arrays = {"v_d": np.array([3, number, 4]), "v_g": np.full(3, np.nan)}
    with pytest.raises(
        UserError, match=r'damaged: its "v_d" contains invalid numbers; use another'
    ):
        checkpoint.matching(arrays, "v_d", (3,), [np.float64], least=3)


@pytest.mark.parametrize(
    ("iteration", "updates", "player"),
    [
        (6, [6, 6], "theta_g"),
        (6, [12, 18], "theta_g"),  # g_steps = 2, k = 3
        (0, [0, 0], "theta_g"),
        (6, [0, 0], "theta_g"),  # custom optimizers that do not count their updates
        (6, [6], "theta_0"),
        (6, [4, 2], "theta_0"),  # two layers
    ],
)
def test_an_iteration_that_matches_the_updates_is_read(path, iteration, updates, player):
    arrays = {"iteration": np.array(iteration), "updates": np.array(updates), player: np.ones(3)}
    checkpoint.save(path, arrays)
    assert checkpoint.load(path)["iteration"] == iteration


@pytest.mark.parametrize(
    ("iteration", "updates", "player"),
    [
        (10**12, [6, 6], "theta_g"),
        (12, [6, 6], "theta_g"),
        (4, [6, 8], "theta_g"),
        (0, [6, 6], "theta_g"),
        (6, [0, 6], "theta_g"),
        (6, [-6, 6], "theta_g"),
        (10**12, [6], "theta_0"),
        (6, [6, 6], "theta_0"),
    ],
)
def test_an_iteration_that_the_updates_cannot_have_is_refused(path, iteration, updates, player):
    arrays = {"iteration": np.array(iteration), "updates": np.array(updates), player: np.ones(3)}
    checkpoint.save(path, arrays)
    message = rf'is damaged: its "iteration", {iteration}, does not match its numbers of "updates"'
    with pytest.raises(UserError, match=message):
        checkpoint.load(path)
