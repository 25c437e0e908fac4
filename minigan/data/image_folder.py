"""A folder of the user's own pictures becomes three sets of images of one size.

    i % 10 == 8: validation        i % 10 == 9: test        all others: training

where i counts the pictures in the order of their paths, so the same folder gives the same sets on
every machine. Pillow is imported when the first picture is opened.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images
from minigan.errors import UserError

if TYPE_CHECKING:
    from PIL.Image import Image

Answer = TypeVar("Answer")

SUFFIXES = (
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp"),
    *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"),
)
# No other decoder is tried, whatever the bytes say: Pillow's for PostScript starts a program.
FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "TIFF", "PPM")
FEWEST = 10
MOST_PIXELS = 100_000_000
MOST_BYTES = 16 * 2**30


def load(folder: Path, height: int, width: int, channels: int) -> tuple[Images, Images, Images]:
    """The training, validation and test images of a folder of pictures, white = 255.

    Pictures: every file in the folder and below it with one of SUFFIXES; hidden names and other
    files are ignored. An animation gives its first frame, the EXIF orientation is applied, what
    is transparent lies on white, 16-bit pixels keep their high byte, colour profiles are ignored.
    Size: each picture is cut, around its centre, to the ratio of height to width and then resized
    (Lanczos). height = width = 0 leaves each as it is; then all must have one size.
    Channels: 1 grey (luma), 3 colour; 0 is grey if every file is stored in grey, else colour.
    Labels: the number, in sorted order, of the folder directly below `folder` that the picture
    lies in; all 0 if some picture lies in `folder` itself.

    Memory: one array of N * height * width * channels bytes, at most MOST_BYTES, which the three
    sets share, and one picture, of at most MOST_PIXELS or Pillow's own limit if that is lower.
    Raises UserError, naming the file, for whatever cannot be read: no picture is skipped.
    """
    paths = _pictures(folder)
    resize = height > 0
    if not resize:
        width, height = _ask(paths[0], _upright).size
    if channels == 0:
        channels = 1 if all(_ask(path, _is_grey) for path in paths) else 3
    N, n = len(paths), height * width * channels
    if N * n > MOST_BYTES:
        raise UserError(
            f"the {N:,} pictures of {folder} would be {N * n:,} bytes at {height} x {width} x "
            f"{channels}, more than {MOST_BYTES:,}: give smaller data.height and data.width"
        )
    pixels = np.empty((N, n), dtype=np.uint8)
    labels = np.zeros(N, dtype=np.int64)
    rows = _rows(N)
    for path, row, label in zip(paths, rows, _labels(folder, paths), strict=True):
        picture = _ask(path, _upright)
        if not resize and picture.size != (width, height):
            raise UserError(
                f"{path} is {picture.height} x {picture.width} pixels high and wide, but "
                f"{paths[0]} is {height} x {width}: give data.height and data.width, to which "
                "all are resized"
            )
        pixels[row] = _pixels(picture, height, width, channels)
        labels[row] = label
    images = Images(pixels, labels, white=255, height=height, width=width, channels=channels)
    first, last = rows[8], rows[9]  # where validation and test begin: there are ten pictures
    return images[:first], images[first:last], images[last:]


def _rows(N: int) -> list[int]:
    """The row of each of N pictures: those for training first, those for the test last."""
    order = sorted(range(N), key=lambda i: max(i % 10, 7))  # stable: each part in its order
    rows = [0] * N
    for row, i in enumerate(order):
        rows[i] = row
    return rows


def _labels(folder: Path, paths: list[Path]) -> list[int]:
    """The number of the sub-folder of each picture; all 0 if one lies in no sub-folder."""
    names = [path.relative_to(folder).parts[0] for path in paths]
    if any(path.parent == folder for path in paths):
        return [0] * len(paths)
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return [numbers[name] for name in names]


def _pictures(folder: Path) -> list[Path]:
    """The pictures of the folder in the order of their paths, which no file system decides."""
    if not folder.exists():
        raise UserError(f"there is no folder {folder}: give the folder of your pictures")
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder: give the folder of your pictures")
    try:
        paths = [path for path in _files(folder) if path.suffix.lower() in SUFFIXES]
    except OSError as error:
        raise UserError(f"cannot read the folder {error.filename}: {error.strerror}") from None
    if len(paths) < FEWEST:
        raise UserError(
            f"{folder} holds {len(paths)} pictures, but at least {FEWEST} are needed: files whose "
            f"names end in {', '.join(SUFFIXES)}"
        )
    return sorted(paths, key=lambda path: path.relative_to(folder).as_posix())


def _files(folder: Path, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Everything below the folder that is no folder and not hidden; links are followed."""
    here = folder.resolve()
    if here in above:
        raise UserError(f"{folder} leads back to a folder that contains it: remove this link")
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _files(path, (*above, here))
        else:
            yield path


def _ask(path: Path, question: Callable[[Image], Answer]) -> Answer:
    """The answer to a question about an opened picture, of which only the header is read yet."""
    from PIL import Image, UnidentifiedImageError

    most = min(MOST_PIXELS, Image.MAX_IMAGE_PIXELS or MOST_PIXELS)
    bombs = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata, for the programmers of Pillow
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if not path.is_file():  # a named pipe would be waited for
                raise ValueError("it is not a file, or a link to nothing")
            # Given a path, Pillow maps the file, and garbles a TIFF that is to be turned.
            with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise Image.DecompressionBombError
                return question(image)
    except bombs:
        raise UserError(f"{path} has more than {most:,} pixels: make it smaller first") from None
    except UnidentifiedImageError:
        reason = f"it is none of {', '.join(FORMATS)}, whatever its name says"
    except Exception as error:  # damaged bytes make the decoders raise nearly everything
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    raise UserError(f"cannot read the picture {path}: {reason}")


def _is_grey(image: Image) -> bool:
    """Whether the file stores greys, directly or as the colours of its palette."""
    if image.mode in ("P", "PA"):
        colours = np.array(image.getpalette("RGB")).reshape(-1, 3)
        return bool((colours == colours[:, :1]).all())
    return image.mode in ("1", "L", "LA", "La", "I", "F") or image.mode.startswith("I;16")


def _upright(image: Image) -> Image:
    """The picture as it is seen: turned, laid on white, with 8 bits per channel."""
    import PIL.Image
    from PIL.ImageOps import exif_transpose

    if image.mode == "F" or (image.mode == "I" and image.format == "TIFF"):
        raise ValueError("its pixels are 32-bit numbers; save it with 8 or 16 bits")
    turned = exif_transpose(image)
    if turned.mode.startswith("I"):
        values = np.asarray(turned)
        high = (values >> 8).astype(np.uint8)
        high[values == turned.info.get("transparency", -1)] = 255
        return PIL.Image.fromarray(high)
    if turned.has_transparency_data:
        white = PIL.Image.new("RGBA", turned.size, "white")
        turned = PIL.Image.alpha_composite(white, turned.convert("RGBA"))
    return turned.convert("L" if turned.mode in ("1", "L") else "RGB")


def _pixels(picture: Image, height: int, width: int, channels: int) -> Array:
    """The pixels (n,) uint8 of a picture brought to this size and number of channels."""
    from PIL.Image import Resampling
    from PIL.ImageOps import fit

    picture = picture.convert("L" if channels == 1 else "RGB")
    return np.asarray(fit(picture, (width, height), Resampling.LANCZOS)).reshape(-1)
