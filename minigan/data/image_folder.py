"""Load the user's own pictures from a folder, as three splits of images of one size.

    i % 10 == 8: validation        i % 10 == 9: test        all others: training

i is the position of a picture in the sorted list of paths, so the splits of a folder are the same
on every machine. Pillow is imported when the first picture is opened.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images
from minigan.data.picture_search import files_in_words, find_pictures
from minigan.errors import UserError
from minigan.system.reading import open_regular

if TYPE_CHECKING:
    from PIL.Image import Image

Result = TypeVar("Result")

# Pillow may use no other decoder: the one for PostScript starts an external program.
FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "TIFF", "PPM")
MAX_PIXELS = 100_000_000  # of one picture
MAX_BYTES = 16 * 2**30  # of all pixels


def load(
    folder: Path,
    height: int,
    width: int,
    channels: int,
    exact: bool = False,
    note: Callable[[str], object] = lambda sentence: None,
) -> tuple[Images, Images, Images]:
    """The training, validation and test images of a folder of pictures, white = 255.

    Pictures: every file with one of `picture_search.SUFFIXES` in the folder or its sub-folders;
    hidden files and folders are ignored. Of an animation the first frame is used. The EXIF
    orientation is applied, transparent pixels are composited on white, 16-bit pixels keep their
    high byte, and colour profiles are ignored.
    Size: each picture is cropped at its centre to the ratio of height to width and then resized
    (Lanczos). height = width = 0 does not resize; then all pictures must have the same size. With
    `exact`, all must have this height and width.
    Channels: 1 grey (luma), 3 colour; 0 is grey if every file is stored in grey, else colour.
    Labels: the position, in sorted order, of the sub-folder directly below `folder` that contains
    the picture; all 0 if a picture is in `folder` itself.

    `note` is called with a sentence that counts the files that are not used, and with one that
    counts the pictures that were changed, by kind of change.

    Memory: one array of N * height * width * channels bytes, at most MAX_BYTES, which the three
    splits share, and one picture of at most MAX_PIXELS, or of Pillow's own limit if that is lower.
    Raises UserError with the path of a file that cannot be read: no picture is skipped.
    """
    paths, others = find_pictures(folder)
    if others:
        note(f"not used in {folder}: {files_in_words(others)}")
    resize = height > 0 and not exact
    model = str(paths[0])
    if exact:
        model = "an image of the data set"
    elif not resize:
        width, height = _with_picture(paths[0], _upright).size
    if channels == 0:
        channels = 1 if all(_with_picture(path, _is_grey) for path in paths) else 3
    N = len(paths)
    pixels = _empty(folder, N, height, width, channels)
    labels = np.zeros(N, dtype=np.int64)
    classes, numbers = _classes(folder, paths)
    rows, changed = _rows(N), Counter[str]()
    for path, row, label in zip(paths, rows, numbers, strict=True):
        picture = _counted(path, height, width, channels, changed)
        if not resize and picture.size != (width, height):
            advice = "resize the picture"
            if not exact:
                advice = "set data.height and data.width to resize all"
            raise UserError(
                f"{path} has {picture.height} x {picture.width} pixels (height x width), but "
                f"{model} has {height} x {width}: {advice}"
            )
        pixels[row] = _pixels(picture, height, width, channels)
        labels[row] = label
    _note_changes(folder, N, changed, note)
    images = Images(pixels, labels, 255, height, width, channels, classes)
    validation, test = rows[8], rows[9]  # their first rows; there are at least ten pictures
    return images[:validation], images[validation:test], images[test:]


def load_pictures(
    path: Path,
    shape: tuple[int, int, int],
    note: Callable[[str], object] = lambda sentence: None,
) -> tuple[Images, list[Path]]:
    """The pictures of a folder in sorted order, or one picture, with their paths; all labels 0.

    Each picture is cropped, resized and converted to (height, width, channels) as in `load`, and
    `note` is called with the same sentences. Raises UserError for a file that cannot be read.
    """
    height, width, channels = shape
    if not path.exists():
        raise UserError(f"{path} does not exist: give a picture, or a folder of pictures")
    paths, others = ([path], Counter[str]()) if path.is_file() else find_pictures(path, least=1)
    if others:
        note(f"not used in {path}: {files_in_words(others)}")
    pixels, changed = _empty(path, len(paths), *shape), Counter[str]()
    for row, file in enumerate(paths):
        picture = _counted(file, height, width, channels, changed)
        pixels[row] = _pixels(picture, height, width, channels)
    _note_changes(path, len(paths), changed, note)
    labels = np.zeros(len(paths), dtype=np.int64)
    return Images(pixels, labels, 255, height, width, channels), paths


def _empty(folder: Path, N: int, height: int, width: int, channels: int) -> Array:
    """An array for the pixels of N pictures. Raises UserError if it is too large."""
    n = height * width * channels
    if N * n > MAX_BYTES:
        raise UserError(
            f"the {N:,} pictures of {folder} need {N * n:,} bytes at {height} x {width} x "
            f"{channels}, more than {MAX_BYTES:,}: reduce data.height and data.width"
        )
    return np.empty((N, n), dtype=np.uint8)


def _counted(path: Path, height: int, width: int, channels: int, changed: Counter[str]) -> Image:
    """The upright picture, not resized yet. Counts what is, or will be, changed in it."""
    picture, changes = _with_picture(path, partial(_converted, channels=channels))
    changed.update(changes)
    changed[f"resized to {height} x {width}"] += picture.size != (width, height)
    return picture


def _note_changes(
    folder: Path, N: int, changed: Counter[str], note: Callable[[str], object]
) -> None:
    if any(changed.values()):
        made = {change: count for change, count in changed.items() if count}
        if N == 1:
            note(f"{folder} was {', '.join(made)}")
            return
        counts = (f"{n:,} {'was' if n == 1 else 'were'} {change}" for change, n in made.items())
        note(f"of the {N:,} pictures of {folder}, {', '.join(counts)}")


def _rows(N: int) -> list[int]:
    """The row of each of N pictures: training first, then validation, then test."""
    order = sorted(range(N), key=lambda i: max(i % 10, 7))  # stable: keeps the order in a split
    rows = [0] * N
    for row, i in enumerate(order):
        rows[i] = row
    return rows


def _classes(folder: Path, paths: list[Path]) -> tuple[tuple[str, ...], list[int]]:
    """The names of the sub-folders, and the position of that of each picture.

    If a picture is in no sub-folder, there are no names, and all positions are 0.
    """
    names = [path.relative_to(folder).parts[0] for path in paths]
    if any(path.parent == folder for path in paths):
        return (), [0] * len(paths)
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return tuple(numbers), [numbers[name] for name in names]


def _with_picture(path: Path, function: Callable[[Image], Result]) -> Result:
    """Open a picture and apply a function to it. Only the header is read before the call."""
    from PIL import Image, UnidentifiedImageError

    max_pixels = min(MAX_PIXELS, Image.MAX_IMAGE_PIXELS or MAX_PIXELS)
    too_large = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings about damaged metadata
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            # If it gets a path, Pillow maps the file, and a TIFF with an orientation is garbled.
            with open_regular(path) as file, Image.open(file, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                return function(image)
    except too_large:
        raise UserError(f"{path} has more than {max_pixels:,} pixels: reduce its size") from None
    except UnidentifiedImageError:
        reason = f"its content is none of {', '.join(FORMATS)}"
    except Exception as error:  # decoders of damaged files raise many types
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    raise UserError(f"cannot read the picture {path}: {reason}")


def _is_grey(image: Image) -> bool:
    """True if the file stores grey pixels, or a palette of greys only."""
    if image.mode in ("P", "PA"):
        colours = np.array(image.getpalette("RGB")).reshape(-1, 3)
        return bool((colours == colours[:, :1]).all())
    return image.mode in ("1", "L", "LA", "La", "I", "F") or image.mode.startswith("I;16")


def _upright(image: Image) -> Image:
    """The picture in its EXIF orientation, on a white background, with 8 bits per channel."""
    import PIL.Image
    from PIL.ImageOps import exif_transpose

    if image.mode == "F" or (image.mode == "I" and image.format == "TIFF"):
        raise ValueError("its pixels are 32-bit numbers; save it with 8 or 16 bits per channel")
    rotated = exif_transpose(image)
    if rotated.mode.startswith("I"):
        values = np.asarray(rotated)
        high = (values >> 8).astype(np.uint8)
        high[values == rotated.info.get("transparency", -1)] = 255
        return PIL.Image.fromarray(high)
    if rotated.has_transparency_data:
        white = PIL.Image.new("RGBA", rotated.size, "white")
        rotated = PIL.Image.alpha_composite(white, rotated.convert("RGBA"))
    return rotated.convert("L" if rotated.mode in ("1", "L") else "RGB")


def _converted(image: Image, channels: int) -> tuple[Image, list[str]]:
    """The upright picture, and what is changed in it besides its size."""
    picture, changes = _upright(image), []
    if image.mode.startswith("I"):
        changes.append("reduced from 16 bits to 8 bits")
    if _has_frames(image):
        changes.append("used without the other frames")
    if image.has_transparency_data and not _is_opaque(image):
        changes.append("composited on white")
    grey = _is_grey(image)
    if channels == 1 and not grey:
        changes.append("converted from colour to grey")
    elif channels == 3 and grey:
        changes.append("converted from grey to colour")
    elif not grey and not image.mode.startswith(("P", "RGB")):
        changes.append(f"converted from {image.mode} to RGB")
    return picture, changes


def _is_opaque(image: Image) -> bool:
    return bool((np.asarray(image.convert("RGBA").getchannel("A")) == 255).all())


def _has_frames(image: Image) -> bool:
    """True if the file has more than one frame or page."""
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # a damaged second frame
        return False


def _pixels(picture: Image, height: int, width: int, channels: int) -> Array:
    """The pixels (n,) uint8 of a picture, resized and converted to this number of channels."""
    from PIL.Image import Resampling
    from PIL.ImageOps import fit

    picture = picture.convert("L" if channels == 1 else "RGB")
    return np.asarray(fit(picture, (width, height), Resampling.LANCZOS)).reshape(-1)
