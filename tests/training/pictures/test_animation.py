"""The animation shows the sheets unchanged and in order, and skips damaged ones."""

from __future__ import annotations

import io
import struct
import zlib
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from minigan.training.pictures import animation as module
from minigan.training.pictures.animation import animation


def chunks(data):
    """The chunks of a PNG as (kind, content); each length and checksum must fit."""
    assert data[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
    file, found = io.BytesIO(data[8:]), []
    while head := file.read(8):
        length, kind = struct.unpack(">I4s", head)
        content = file.read(length)
        assert struct.unpack(">I", file.read(4)) == (zlib.crc32(content, zlib.crc32(kind)),)
        found.append((kind, content))
    assert found[0][0] == b"IHDR"
    assert found[-1] == (b"IEND", b"")
    return found


def frames(data):
    """The frames of an APNG, as Pillow reads them."""
    with Image.open(io.BytesIO(data)) as image:
        pictures = []
        for i in range(image.n_frames):
            image.seek(i)
            pictures.append(np.asarray(image))
    return pictures


def controls(data):
    """The fields of each fcTL."""
    return [
        struct.unpack(">IIIIIHHBB", content) for kind, content in chunks(data) if kind == b"fcTL"
    ]


@pytest.fixture
def draw(tmp_path):
    """A function that draws sheets of noise, saves them and returns pictures and paths."""
    rng = np.random.default_rng(1)

    def sheets(count, shape=(5, 7)):
        pictures = [rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(count)]
        paths = [tmp_path / f"{len(shape)}-{shape[0]}-{i:08d}.png" for i in range(count)]
        for picture, path in zip(pictures, paths, strict=True):
            Image.fromarray(picture).save(path)
        return pictures, paths

    return sheets


@pytest.mark.parametrize("shape", [(5, 7), (302, 302), (5, 7, 3), (200, 150, 3)])
def test_the_frames_equal_the_sheets_bit_for_bit(draw, shape):
    pictures, paths = draw(4, shape)
    read = frames(animation(paths))
    assert len(read) == 4
    for picture, frame in zip(pictures, read, strict=True):
        np.testing.assert_array_equal(frame, picture)


def test_a_sheet_with_several_chunks_is_one_frame(draw):
    _, paths = draw(2, (302, 302))
    assert [kind for kind, _ in chunks(paths[0].read_bytes())].count(b"IDAT") > 1
    kinds = [kind for kind, _ in chunks(animation(paths))]
    assert kinds == [b"IHDR", b"acTL", b"fcTL", b"IDAT", b"fcTL", b"fdAT", b"IEND"]


def test_the_animation_repeats_without_end_and_shows_the_last_sheet_longer(draw):
    _, paths = draw(3)
    data = animation(paths)
    assert dict(chunks(data))[b"acTL"] == struct.pack(">II", 3, 0)  # frames; 0: repeat without end
    seconds = [Fraction(delay, parts) for *_, delay, parts, _, _ in controls(data)]
    assert seconds == [Fraction(1, 10), Fraction(1, 10), 2]
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["loop"] == 0


def test_every_frame_covers_the_picture_and_replaces_it(draw):
    _, paths = draw(3)
    for _, *place, _, _, dispose, blend in controls(animation(paths)):
        assert place == [7, 5, 0, 0]  # width, height, offsets
        assert (dispose, blend) == (0, 0)  # keep the frame; overwrite, do not blend


@pytest.mark.parametrize("count", [2, 3, 10])
def test_the_sequence_numbers_count_from_0_without_gaps(draw, count):
    numbers = [
        struct.unpack(">I", content[:4])[0]
        for kind, content in chunks(animation(draw(count)[1]))
        if kind in (b"fcTL", b"fdAT")
    ]
    assert numbers == list(range(2 * count - 1))


@pytest.mark.parametrize("count", [199, 200, 201, 399, 400, 1000])
def test_at_most_200_sheets_are_shown_evenly_from_the_first_to_the_last(tmp_path, count):
    paths = [tmp_path / f"{i:08d}.png" for i in range(count)]
    for i, path in enumerate(paths):
        Image.fromarray(np.array([[i % 256, i // 256]], dtype=np.uint8)).save(path)
    shown = [int(low) + 256 * int(high) for ((low, high),) in frames(animation(paths))]
    assert len(shown) == min(count, 200)
    assert (shown[0], shown[-1]) == (0, count - 1)
    steps = np.diff(shown)
    assert steps.min() >= 1
    assert steps.max() - steps.min() <= 1


def test_fewer_sheets_are_shown_if_they_are_large_so_that_memory_is_limited(draw, monkeypatch):
    pictures, paths = draw(50, (302, 302))
    largest = max(path.stat().st_size for path in paths)
    monkeypatch.setattr(module, "LARGEST", 7 * largest + 1)
    data = animation(paths)
    read = frames(data)
    assert len(read) == 7
    assert len(data) < 7 * largest + 1
    np.testing.assert_array_equal(read[0], pictures[0])
    np.testing.assert_array_equal(read[-1], pictures[-1])
    for room in (0, largest):  # no room for two
        monkeypatch.setattr(module, "LARGEST", room)
        assert animation(paths) is None


def damaged(data):
    """The bytes of a PNG, damaged in every way that must be detected."""
    yield b""
    yield b"not a picture"
    yield data[:-12]  # without its IEND
    yield b"\x88" + data[1:]
    yield from (data[:length] for length in range(1, len(data), 7))
    for i in range(8, len(data)):
        yield data[:i] + bytes([data[i] ^ 16]) + data[i + 1 :]
    yield data[:8] + data[-12:]  # no picture at all
    yield data[:33] + data[-12:]  # no pixels
    yield data[:8] + data[33:]  # no header


def test_a_sheet_with_damage_anywhere_is_skipped(draw):
    pictures, paths = draw(3)
    data = paths[1].read_bytes()
    tried = 0
    for spoilt in damaged(data):
        paths[1].write_bytes(spoilt)
        first, last = frames(animation(paths))
        np.testing.assert_array_equal(first, pictures[0])
        np.testing.assert_array_equal(last, pictures[2])
        tried += 1
    assert tried > 70


def test_a_missing_sheet_and_a_folder_are_skipped(draw, tmp_path):
    _, paths = draw(3)
    paths[0].unlink()
    paths.insert(1, tmp_path)
    assert len(frames(animation(paths))) == 2


def test_a_sheet_with_another_size_or_colour_type_than_the_last_is_skipped(draw):
    pictures, paths = draw(3)
    others = [draw(1, (6, 7))[1][0], draw(1, (5, 7, 3))[1][0]]
    read = frames(animation([others[0], paths[0], others[1], *paths[1:]]))
    assert len(read) == 3
    for picture, frame in zip(pictures, read, strict=True):
        np.testing.assert_array_equal(frame, picture)


@pytest.mark.parametrize("mode", ["P", "1", "LA", "RGBA"])
def test_only_grey_and_colour_are_shown(draw, tmp_path, mode):
    pictures, paths = draw(3)
    Image.fromarray(pictures[1]).convert(mode).save(paths[1])
    assert len(frames(animation(paths))) == 2


def test_sheets_with_palettes_are_skipped_also_if_all_have_one(draw):
    pictures, paths = draw(3)
    for picture, path in zip(pictures, paths, strict=True):
        Image.fromarray(picture).convert("P").save(path)
    assert animation(paths) is None


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_sheets_make_no_animation(draw, count):
    assert animation(draw(count)[1]) is None


def test_two_sheets_with_one_damaged_make_no_animation(draw):
    _, paths = draw(2)
    paths[0].write_bytes(b"")
    assert animation(paths) is None
