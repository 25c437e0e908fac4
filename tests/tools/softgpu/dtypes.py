"""The types of PTX as NumPy's: b and u are unsigned, s signed, f floating point, pred bool."""

from __future__ import annotations

from typing import Any

import numpy as np

DTYPES: dict[str, np.dtype[Any]] = {
    **{f"{letter}{8 * n}": np.dtype(f"u{n}") for letter in "bu" for n in (1, 2, 4, 8)},
    **{f"s{8 * n}": np.dtype(f"i{n}") for n in (1, 2, 4, 8)},
    "f32": np.dtype("f4"),
    "f64": np.dtype("f8"),
    "pred": np.dtype(bool),
}


def storage(kind: str) -> np.dtype[Any]:
    """The storage type of a register or a memory cell: unsigned bits of its width."""
    dtype = DTYPES[kind]
    return dtype if dtype.kind == "b" else np.dtype(f"u{dtype.itemsize}")
