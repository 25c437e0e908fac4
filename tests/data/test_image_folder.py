"""Pictures are loaded as `load` documents, and a file that cannot be read is reported."""

from __future__ import annotations

import os
import random
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from minigan.data import image_folder
from minigan.data.image_folder import load
from minigan.data.picture_search import SUFFIXES, find_pictures
from minigan.errors import UserError


def noise(i, height=4, width=6, channels=1):
    """Random pixels, different for each i."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(i).integers(0, 256, shape, np.uint8)


def fill(folder, count=10, **options):
    """Save `count` grey pictures of 4 x 6: 00.png with the pixels of noise(0), 01.png, ..."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.fromarray(noise(i, **options)).save(folder / f"{i:02}.png")
    return folder


def folder_with(folder, picture, name="00.png", **options):
    """A folder with ten pictures; `picture` is the first."""
    (fill(folder) / "00.png").unlink()
    picture.save(folder / name, **options)
    return folder


def first(folder, height=4, width=6, channels=1):
    """The first picture of the training set, (height, width) or (height, width, 3)."""
    train, _, _ = load(folder, height, width, channels)
    shape = (train.height, train.width) if train.channels == 1 else (train.height, train.width, 3)
    return train.pixels[0].reshape(shape)


def solid(mode, colour, size=(6, 4)):
    return Image.new(mode, size, colour)


def png(width, height, data=b"", depth=8, colour=0):
    """The bytes of a PNG file, written from the specification of the format."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    packed = zlib.compress(data)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


# The splits and labels


def test_grey_pictures_keep_every_pixel_and_are_white_at_255(tmp_path):
    train, validation, test = load(fill(tmp_path), 0, 0, 0)
    for images, rows in ((train, range(8)), (validation, [8]), (test, [9])):
        np.testing.assert_array_equal(images.pixels, [noise(i).reshape(-1) for i in rows])
        assert (images.pixels.dtype, images.white) == (np.uint8, 255)
        assert (images.height, images.width, images.channels) == (4, 6, 1)
        assert len(images.labels) == len(images)


def test_colour_pictures_have_red_green_and_blue_per_pixel(tmp_path):
    train, _, _ = load(fill(tmp_path, channels=3), 0, 0, 0)
    assert (train.channels, train.pixels.shape) == (3, (8, 4 * 6 * 3))
    np.testing.assert_array_equal(train.pixels[5], noise(5, channels=3).reshape(-1))


@pytest.mark.parametrize("count", [10, 11, 19, 20, 29, 100])
def test_of_ten_pictures_the_ninth_is_validation_and_the_tenth_test(count, tmp_path):
    train, validation, test = load(fill(tmp_path / "p", count), 0, 0, 0)
    pixels = [noise(i).reshape(-1) for i in range(count)]
    np.testing.assert_array_equal(validation.pixels, pixels[8::10])
    np.testing.assert_array_equal(test.pixels, pixels[9::10])
    rest = [pixels[i] for i in range(count) if i % 10 not in (8, 9)]
    np.testing.assert_array_equal(train.pixels, rest)


def test_the_three_splits_share_one_array(tmp_path):
    train, validation, test = load(fill(tmp_path), 0, 0, 0)
    assert train.pixels.base is validation.pixels.base is test.pixels.base
    assert train.pixels.base.nbytes == 10 * 24


def test_the_order_is_that_of_the_paths_for_any_directory_listing(tmp_path, monkeypatch):
    for name in ("b", "a/2", "a", "B"):
        fill(tmp_path / name, 5)
    listed = Path.iterdir
    expected = [images.pixels for images in load(tmp_path, 0, 0, 0)]
    names = [f"{folder}/{i:02}.png" for folder in ("B", "a", "a/2", "b") for i in range(5)]
    paths, _ = find_pictures(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == sorted(names)
    for seed in range(5):

        def shuffled(folder, seed=seed):
            paths = list(listed(folder))
            random.Random(seed).shuffle(paths)
            return iter(paths)

        monkeypatch.setattr(Path, "iterdir", shuffled)
        for images, pixels in zip(load(tmp_path, 0, 0, 0), expected, strict=True):
            np.testing.assert_array_equal(images.pixels, pixels)


def test_the_label_is_the_position_of_the_sub_folder(tmp_path):
    for name, count in (("cat", 5), ("ant/brown", 2), ("ant", 3), ("dog", 2)):
        fill(tmp_path / name, count)
    train, validation, test = load(tmp_path, 0, 0, 0)
    assert train.labels.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 2, 2]
    assert train.classes == ("ant", "cat", "dog")
    assert (validation.labels.tolist(), test.labels.tolist()) == ([1], [1])


def test_the_sub_folders_are_sorted_by_name_and_not_by_path(tmp_path):
    fill(tmp_path / "ant", 3)
    fill(tmp_path / "ant-lion", 7)  # "ant-lion/00.png" < "ant/00.png", but "ant" < "ant-lion"
    train, validation, test = load(tmp_path, 0, 0, 0)
    assert train.labels.tolist() == [1, 1, 1, 1, 1, 1, 1, 0]
    assert (validation.labels.tolist(), test.labels.tolist()) == ([0], [0])


def test_a_picture_outside_the_sub_folders_makes_all_labels_0(tmp_path):
    for name in ("a", "b"):
        fill(tmp_path / name, 10)
    Image.fromarray(noise(0)).save(tmp_path / "c.png")
    assert [set(images.labels.tolist()) for images in load(tmp_path, 0, 0, 0)] == [{0}, {0}, {0}]


def test_hidden_and_other_files_are_ignored(tmp_path):
    fill(tmp_path)
    fill(tmp_path / ".hidden")
    for name in (".00.png", "notes.txt", "png", "Thumbs.db", "page.pdf", "labels.csv"):
        (tmp_path / name).write_bytes(b"no picture")
    assert sum(map(len, load(tmp_path, 0, 0, 0))) == 10


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".PNG", ".JPeG"])
def test_every_suffix_is_read_in_upper_and_lower_case(suffix, tmp_path):
    formats = {".jpe": "JPEG", ".jfif": "JPEG", ".apng": "PNG", ".dib": "DIB", ".pbm": "PPM"}
    mode = "1" if suffix == ".pbm" else "L"
    for i in range(10):
        path = tmp_path / f"{i}{suffix}"
        solid(mode, 255).save(path, format=formats.get(suffix.lower()))
    train, _, _ = load(tmp_path, 0, 0, 1)
    np.testing.assert_array_equal(train.pixels, np.full((8, 24), 255))


def test_links_to_pictures_and_folders_are_followed(tmp_path):
    fill(tmp_path / "elsewhere")
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "z.png").symlink_to(tmp_path / "elsewhere" / "00.png")
    assert sum(map(len, load(folder, 0, 0, 0))) == 11


# Size


def test_a_constant_picture_stays_constant_at_every_size(tmp_path):
    for i, size in enumerate([(6, 4), (1, 1), (100, 3), (3, 100), (64, 64)]):
        folder = folder_with(tmp_path / str(i), solid("RGB", (200, 100, 50), size))
        np.testing.assert_array_equal(
            first(folder, 5, 7, 3), np.broadcast_to([200, 100, 50], (5, 7, 3))
        )


def test_a_picture_of_another_ratio_is_cropped_at_its_centre(tmp_path):
    wide = np.zeros((4, 12), np.uint8)
    wide[:, 3:9] = noise(1)  # the middle half, of exactly the target size
    np.testing.assert_array_equal(
        first(folder_with(tmp_path / "w", Image.fromarray(wide))), noise(1)
    )
    tall = np.zeros((10, 6), np.uint8)
    tall[3:7] = noise(2)
    np.testing.assert_array_equal(
        first(folder_with(tmp_path / "t", Image.fromarray(tall))), noise(2)
    )


def lanczos(row, size):
    """One row resized to `size` pixels with the kernel sinc(t) sinc(t / 3), stretched."""
    scale = len(row) / size
    stretch = max(scale, 1)
    result = []
    for j in range(size):
        t = (np.arange(len(row)) + 0.5 - (j + 0.5) * scale) / stretch
        weights = np.where(abs(t) < 3, np.sinc(t) * np.sinc(t / 3), 0)
        result.append(weights @ row / weights.sum())
    return np.array(result)


@pytest.mark.parametrize(("height", "width"), [(8, 12), (2, 3), (4, 6), (12, 18), (6, 9)])
def test_resizing_follows_the_formula_of_lanczos_in_both_directions(height, width, tmp_path):
    picture = noise(7) // 2 + 64  # far from 0 and 255, where the result would be clipped
    folder = folder_with(tmp_path, Image.fromarray(picture))
    rows = np.array([lanczos(row, width) for row in picture.astype(float)])
    both = np.array([lanczos(column, height) for column in rows.T]).T
    assert abs(first(folder, height, width) - both).max() <= 1  # each direction is rounded
    if (height, width) == (4, 6):
        np.testing.assert_array_equal(first(folder, height, width), picture)


def test_pictures_of_several_sizes_need_a_size(tmp_path):
    folder = fill(tmp_path)
    Image.fromarray(noise(1, 5, 6)).save(folder / "03.png")
    Image.fromarray(noise(1, 9, 9)).save(folder / "07.png")
    sentence = (
        f"{folder / '03.png'} has 5 x 6 pixels (height x width), but {folder / '00.png'} has "
        "4 x 6: set data.height and data.width to resize all"
    )
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}$"):
        load(folder, 0, 0, 0)
    assert sum(map(len, load(folder, 4, 6, 0))) == 10


# Colours


@pytest.mark.parametrize(
    ("odd", "channels"),
    [("L", 1), ("1", 1), ("LA", 1), ("I;16", 1), ("RGB", 3), ("RGBA", 3), ("P", 3)],
)
def test_channels_0_is_grey_only_if_every_file_is_stored_in_grey(odd, channels, tmp_path):
    picture = Image.fromarray(noise(1, channels=3)).convert("P") if odd == "P" else solid(odd, 0)
    train, _, _ = load(folder_with(tmp_path, picture), 0, 0, 0)
    assert train.channels == channels


def test_a_palette_of_greys_is_grey(tmp_path):
    picture = Image.fromarray(noise(3) % 4)
    picture.putpalette([0, 0, 0, 90, 90, 90, 30, 30, 30, 255, 255, 255])
    assert picture.mode == "P"
    train, _, _ = load(folder_with(tmp_path, picture), 0, 0, 0)
    assert train.channels == 1
    greys = np.array([0, 90, 30, 255], np.uint8)
    np.testing.assert_array_equal(train.pixels[0], greys[noise(3) % 4].reshape(-1))


def test_grey_is_the_luma_of_the_colours(tmp_path):
    for i, (colour, luma) in enumerate(
        [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29), ((90, 90, 90), 90)]
    ):
        assert round(sum(np.array([0.299, 0.587, 0.114]) * colour)) == luma
        assert (first(folder_with(tmp_path / str(i), solid("RGB", colour))) == luma).all()


def test_grey_in_colour_repeats_the_value_three_times(tmp_path):
    folder = fill(tmp_path)
    np.testing.assert_array_equal(first(folder, channels=3), np.stack(3 * [noise(0)], axis=2))


def test_a_palette_is_converted_to_its_colours(tmp_path):
    picture = Image.fromarray(noise(3) % 3)
    picture.putpalette([10, 20, 30, 200, 0, 0, 1, 2, 3])
    colours = np.array([[10, 20, 30], [200, 0, 0], [1, 2, 3]])
    np.testing.assert_array_equal(
        first(folder_with(tmp_path, picture), channels=3), colours[noise(3) % 3]
    )


def test_transparent_pixels_are_composited_on_white(tmp_path):
    for i, (pixel, expected) in enumerate(
        [
            ((9, 8, 7, 255), (9, 8, 7)),
            ((9, 8, 7, 0), (255, 255, 255)),
            ((0, 100, 200, 51), (204, 224, 244)),
        ]
    ):
        folder = folder_with(tmp_path / str(i), solid("RGBA", pixel))
        assert first(folder, channels=3)[0, 0].tolist() == list(expected)
    assert (first(folder_with(tmp_path / "la", solid("LA", (0, 51)))) == 204).all()


def test_the_transparent_colour_of_a_palette_of_greys_and_of_16_bits_is_white(tmp_path):
    indices = noise(3) % 3
    picture = Image.fromarray(indices)
    picture.putpalette([0, 0, 0, 100, 0, 0, 30, 0, 0])
    shown = first(folder_with(tmp_path / "p", picture, transparency=1), channels=3)
    expected = np.array([[0, 0, 0], [255, 255, 255], [30, 0, 0]])[indices]
    np.testing.assert_array_equal(shown, expected)
    shown = first(folder_with(tmp_path / "l", Image.fromarray(indices), transparency=1))
    np.testing.assert_array_equal(shown, np.array([0, 255, 2])[indices])
    deep = indices.astype(np.uint16) * 256
    shown = first(folder_with(tmp_path / "i", Image.fromarray(deep), transparency=256))
    np.testing.assert_array_equal(shown, np.array([0, 255, 2])[indices])


@pytest.mark.parametrize("suffix", [".png", ".tif", ".pgm"])
def test_16_bits_keep_their_high_byte(suffix, tmp_path):
    values = np.random.default_rng(4).integers(0, 65536, (4, 6), np.uint16)
    values[0, :4] = 0, 255, 256, 65535
    folder = folder_with(tmp_path, Image.fromarray(values), f"00{suffix}")
    np.testing.assert_array_equal(first(folder), values // 256)
    folder = folder_with(tmp_path / "colour", Image.fromarray(values), f"00{suffix}")
    np.testing.assert_array_equal(first(folder, channels=3)[:, :, 1], values // 256)


def test_12_bits_of_pgm_are_stretched_to_white(tmp_path):
    fill(tmp_path)
    (tmp_path / "00.pgm").write_bytes(b"P5 2 1 4095\n" + bytes([15, 255, 0, 0]))
    (tmp_path / "00.png").unlink()
    assert first(tmp_path, 1, 2).tolist() == [[255, 0]]


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_pixels_without_a_defined_white_raise(dtype, tmp_path):
    folder = folder_with(tmp_path, Image.fromarray(noise(0).astype(dtype)), "00.tif")
    reason = "its pixels are 32-bit numbers; save it with 8 or 16 bits per channel"
    assert_raises(folder, f"cannot read the picture {folder / '00.tif'}: {reason}", 4, 6, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_cmyk_is_converted(channels, tmp_path):
    folder = folder_with(tmp_path, solid("CMYK", (0, 0, 0, 0)), "00.tif")
    assert (first(folder, channels=channels) == 255).all()


def test_the_first_frame_of_an_animation_is_used(tmp_path):
    for suffix in (".gif", ".png", ".webp"):
        frames = [solid("RGB", colour) for colour in ("white", "black", "red")]
        options = {"save_all": True, "append_images": frames[1:], "lossless": True}
        if suffix == ".gif":
            del options["lossless"]
        folder = folder_with(tmp_path / suffix[1:], frames[0], f"00{suffix}", **options)
        assert (first(folder, channels=3) == 255).all()


ORIENTATIONS = {
    1: lambda shown: shown,
    2: lambda shown: shown[:, ::-1],
    3: lambda shown: shown[::-1, ::-1],
    4: lambda shown: shown[::-1],
    5: lambda shown: shown.T,
    6: lambda shown: shown.T[::-1, :],
    7: lambda shown: shown[::-1, ::-1].T,
    8: lambda shown: shown.T[:, ::-1],
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".jpg"])
def test_the_exif_orientation_is_applied(orientation, suffix, tmp_path):
    shown = noise(0) if suffix != ".jpg" else np.repeat([[0], [80], [160], [240]], 6, axis=1)
    stored = Image.fromarray(np.ascontiguousarray(ORIENTATIONS[orientation](shown), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"exif": exif} | ({"lossless": True} if suffix == ".webp" else {})
    folder = folder_with(tmp_path, stored, f"00{suffix}", **options)
    assert abs(first(folder, 0, 0).astype(int) - shown).max() <= (3 if suffix == ".jpg" else 0)


# What raises UserError


def assert_raises(folder, sentence, height=0, width=0, channels=0):
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}") as error:
        load(folder, height, width, channels)
    assert "\n" not in str(error.value)


def test_a_path_that_is_no_folder_raises(tmp_path):
    advice = ": give the folder of your pictures"
    assert_raises(tmp_path / "none", f"the folder {tmp_path / 'none'} does not exist{advice}")
    (tmp_path / "file").write_bytes(b"")
    assert_raises(tmp_path / "file", f"{tmp_path / 'file'} is not a folder{advice}")


@pytest.mark.parametrize("count", [0, 1, 9])
def test_fewer_than_ten_pictures_raise(count, tmp_path):
    sentence = (
        f"{tmp_path} contains {count} pictures, but at least 10 are needed: files whose names"
    )
    assert_raises(fill(tmp_path, count), sentence)


@pytest.mark.parametrize("below", ["", "a/b"])
def test_a_folder_that_cannot_be_read_is_reported(below, tmp_path, monkeypatch):
    closed = tmp_path / below
    fill(closed)
    listed = Path.iterdir

    def guarded(folder):
        if folder == closed:
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", guarded)
    assert_raises(tmp_path, f"cannot read the folder {closed}: Permission denied")


def test_a_link_to_a_parent_folder_is_reported(tmp_path):
    fill(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path)
    assert_raises(tmp_path, f"{tmp_path / 'again'} leads to the same folder as {tmp_path}: remove")


def test_a_broken_link_and_a_pipe_are_reported(tmp_path):
    for reason, make in (
        ("No such file or directory", lambda path: path.symlink_to("nowhere")),
        ("it is a named pipe, not a regular file", os.mkfifo),
    ):
        folder = fill(tmp_path / reason)
        make(folder / "05.gif")
        assert_raises(folder, f"cannot read the picture {folder / '05.gif'}: {reason}")


def test_a_picture_that_cannot_be_opened_is_reported(tmp_path, monkeypatch):
    def denied(path, **options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Image, "open", denied)
    path = fill(tmp_path) / "00.png"
    assert_raises(tmp_path, f"cannot read the picture {path}: Permission denied")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"P5 0 0 255\n",
        b"no picture at all",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"%PDF-1.4",
    ],
)
def test_a_file_that_is_no_picture_is_reported_and_no_program_is_started(
    data, tmp_path, monkeypatch
):
    monkeypatch.setattr(subprocess, "Popen", None)
    path = fill(tmp_path) / "04.png"
    path.write_bytes(data)
    for size in ((0, 0), (4, 6)):
        assert_raises(
            tmp_path, f"cannot read the picture {path}: its content is none of PNG, JPEG,", *size
        )


FORMATS = (".png", ".jpg", ".bmp", ".gif", ".webp", ".tif", ".ppm")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_reported(suffix, share, tmp_path):
    folder = folder_with(tmp_path, Image.fromarray(noise(1, 40, 60, 3)), f"00{suffix}")
    path = folder / f"00{suffix}"
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert_raises(folder, f"cannot read the picture {path}: ", 4, 6, 3)


def error_message(folder):
    try:
        load(folder, 4, 6, 3)
    except UserError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_damaged_picture_is_read_or_reported(suffix, tmp_path):
    folder = folder_with(tmp_path, Image.fromarray(noise(1, 12, 10, 3)), f"00{suffix}")
    path = folder / f"00{suffix}"
    original = path.read_bytes()
    rng = np.random.default_rng(8)
    reported = 0
    for _ in range(60):
        damaged = bytearray(original)
        for place in rng.integers(0, min(len(original), 400), 3):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        sentence = error_message(folder)
        reported += bool(sentence)
        assert not sentence or (str(path) in sentence and "\n" not in sentence)
    assert reported > 0


@pytest.mark.parametrize(
    ("height", "width"), [(9_000, 10_000), (10_000, 10_001), (40_000, 40_000), (2**31 - 1, 1000)]
)
def test_a_decompression_bomb_raises_before_it_is_decompressed(
    height, width, tmp_path, monkeypatch
):
    path = fill(tmp_path) / "00.png"
    path.write_bytes(png(width, height, bytes(1000)))
    monkeypatch.setattr(ImageFile.ImageFile, "load", None)
    for size in ((0, 0), (4, 6)):
        sentence = f"{path} has more than 89,478,485 pixels: reduce its size"
        assert_raises(tmp_path, sentence, *size)


@pytest.mark.parametrize(
    ("limit", "lower"), [(None, 100_000_000), (1000, 1000), (10**9, 100_000_000)]
)
def test_the_lower_of_the_two_limits_is_used(limit, lower, tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    path = fill(tmp_path) / "06.png"
    path.write_bytes(png(lower + 1, 1))
    assert_raises(tmp_path, f"{path} has more than {lower:,} pixels: reduce its size", 4, 6, 1)


def test_a_large_picture_within_the_limit_is_read(tmp_path):
    folder = folder_with(tmp_path, solid("L", 77, (4000, 3000)))
    assert (first(folder) == 77).all()


def test_too_much_memory_raises_before_it_is_allocated(tmp_path, monkeypatch):
    monkeypatch.setattr(image_folder, "MAX_BYTES", 10 * 24)
    folder = fill(tmp_path)
    assert sum(map(len, load(folder, 4, 6, 1))) == 10
    sentence = (
        f"the 10 pictures of {folder} need 250 bytes at 5 x 5 x 1, more than 240: "
        "reduce data.height and data.width"
    )
    assert_raises(folder, sentence, 5, 5, 1)
    monkeypatch.undo()
    assert image_folder.MAX_BYTES == 17_179_869_184
    sentence = f"the 10 pictures of {folder} need 30,000,000,000,000,000,000 bytes"
    assert_raises(folder, sentence, 10**9, 10**9, 3)


def test_damaged_metadata_cause_no_warning(tmp_path):
    entry = struct.pack("<HHII", 0x010F, 2, 1000, 5000)  # a text far after the end of the file
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    folder = folder_with(tmp_path, solid("RGB", (99, 99, 99)), "00.jpg", exif=exif)
    assert (first(folder, channels=3) == 99).all()


def test_pillow_is_imported_only_when_a_picture_is_opened():
    code = "import minigan.data.image_folder, sys; print('PIL' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# What is said


def notes(folder, *sizes, **options):
    said = []
    load(folder, *sizes, note=said.append, **options)
    return said


def test_nothing_is_said_where_every_file_is_used_as_it_is(tmp_path):
    assert notes(fill(tmp_path), 0, 0, 0) == []
    colour = fill(tmp_path / "colour", channels=3)
    assert notes(colour, 4, 6, 3) == []


def test_files_that_are_not_pictures_are_counted_by_suffix(tmp_path):
    fill(tmp_path, 12)
    for name in ("a.HEIC", "b.HEIC", "c.tga", "README", "x." + "y" * 40, ".hidden"):
        (tmp_path / name).write_bytes(b"")
    (said,) = notes(tmp_path, 0, 0, 0)
    assert said == f"not used in {tmp_path}: 5 files (2 .HEIC, 1 .tga, 2 with another name)"


def test_pictures_that_are_changed_are_counted_by_kind(tmp_path):
    fill(tmp_path, 8)
    solid("RGB", "red", (12, 4)).save(tmp_path / "10.png")
    solid("RGBA", (0, 0, 0, 9)).save(tmp_path / "11.png")
    solid("RGBA", (9, 9, 9, 255)).save(tmp_path / "12.png")  # opaque
    solid("CMYK", (1, 2, 3, 4)).save(tmp_path / "13.jpg")
    Image.fromarray(np.full((4, 6), 3000, np.uint16)).save(tmp_path / "14.png")
    frames = [solid("L", 1), solid("L", 2)]
    frames[0].save(tmp_path / "15.gif", save_all=True, append_images=frames[1:])
    (said,) = notes(tmp_path, 4, 6, 1)
    assert said.startswith(f"of the 14 pictures of {tmp_path}, ")
    assert set(said.split(", ")[1:]) == {
        "4 were converted from colour to grey",
        "1 was resized to 4 x 6",
        "1 was composited on white",
        "1 was reduced from 16 bits to 8 bits",
        "1 was used without the other frames",
    }
    (said,) = notes(tmp_path, 4, 6, 3)
    assert "10 were converted from grey to colour" in said
    assert "1 was converted from CMYK to RGB" in said


def test_with_exact_a_picture_of_another_size_is_refused(tmp_path):
    fill(tmp_path)
    assert notes(tmp_path, 4, 6, 1, exact=True) == []
    with pytest.raises(
        UserError, match=r"00\.png has 4 x 6 pixels .*, but an image of the data set"
    ):
        notes(tmp_path, 8, 8, 1, exact=True)


def test_load_pictures_has_the_pixels_of_load_in_sorted_order(tmp_path):
    fill(tmp_path, 12)
    (tmp_path / "notes.txt").touch()
    notes = []
    images, paths = image_folder.load_pictures(tmp_path, (4, 6, 1), notes.append)
    assert np.array_equal(images.pixels, [noise(i).ravel() for i in range(12)])
    assert [path.name for path in paths] == [f"{i:02}.png" for i in range(12)]
    assert (images.shape, images.white, images.labels.tolist()) == ((4, 6, 1), 255, [0] * 12)
    assert notes == [f"not used in {tmp_path}: 1 file (1 .txt)"]


def test_load_pictures_reads_one_file_crops_and_converts_it(tmp_path):
    picture = noise(0, 8, 6, channels=3)
    Image.fromarray(picture).save(tmp_path / "a.png")
    notes = []
    images, paths = image_folder.load_pictures(tmp_path / "a.png", (4, 6, 1), notes.append)
    grey = np.asarray(Image.fromarray(picture).convert("L"))
    assert np.array_equal(images.pixels, grey[2:6].reshape(1, -1))
    assert paths == [tmp_path / "a.png"]
    assert notes == [f"{tmp_path / 'a.png'} was converted from colour to grey, resized to 4 x 6"]


def test_load_pictures_refuses_an_empty_folder_and_too_many_pixels(tmp_path, monkeypatch):
    with pytest.raises(UserError, match="contains 0 pictures, but at least 1 is needed"):
        image_folder.load_pictures(tmp_path, (4, 6, 1))
    fill(tmp_path, 2)
    monkeypatch.setattr(image_folder, "MAX_BYTES", 47)
    with pytest.raises(UserError, match=r"the 2 pictures .* need 48 bytes"):
        image_folder.load_pictures(tmp_path, (4, 6, 1))
