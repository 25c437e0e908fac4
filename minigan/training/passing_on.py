"""Layers that pass further columns on: for rows [x, c], first [f_1(x), c], then [f_2(f_1(x)), c].

The columns c are those of a condition or of noise, which the last layer of G or its output needs.
"""

from __future__ import annotations

from collections.abc import Sequence

from minigan.layers import Branch, Layer, Parallel


def passing_on(layers: Sequence[Layer], width: int, more: int) -> list[Layer]:
    """These layers on the first `width` columns; the last `more` columns are passed on by each."""
    passing: list[Layer] = []
    for layer in layers:
        passing.append(Parallel((Branch(0, width, layer), Branch(width, width + more))))
        width = layer.width(width)
    return passing
