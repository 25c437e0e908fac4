"""A path in a folder that was made elsewhere: its links must not lead out of the folder.

Without this, a run folder with samples -> /home/me/photos would let a resumed run delete photos.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path


def inside(folder: Path, name: str) -> Path:
    """folder / name. Raises OSError if a link on the way leads out of the folder."""
    path = folder / name
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise OSError(
            errno.ELOOP,
            f"it is a link that leads out of {folder}; replace it by what it leads to",
            str(_link(path)),
        )
    return path


def _link(path: Path) -> Path:
    """The link on the way: the path itself, or the first of its parents that is a link."""
    return next((one for one in (path, *path.parents) if one.is_symlink()), path)
