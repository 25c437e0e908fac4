"""A trace is the memory of one forward pass: what each layer read and wrote, and with which theta.

D runs on several batches in one iteration. Each pass has a trace of its own, so two forward
passes followed by two backward passes are right; nothing is remembered anywhere else. The
buffers are made once and used again: a forward pass into a used trace replaces its content.

A trace is stale when theta has changed since its forward pass, or when it is a part (`rows`) of
a trace that has been used again. A backward pass through it is an error, not a wrong number.
What a trace cannot see: x and the masks are kept, not copied, so whoever overwrites them between
the two passes changes the gradient; and a forward pass into a used trace gives back the same
trace, so whoever still holds it for the earlier pass holds the later one.
"""

from __future__ import annotations

from dataclasses import replace

from minigan.arrays import Array
from minigan.backends import blocks as layer_by_layer
from minigan.backends.blocks import Blocks
from minigan.layers.descriptions import Page
from minigan.parameters import Parameters


class StaleTraceError(RuntimeError):
    """A backward pass was asked of a trace that no longer matches its parameters or its rows."""


class Trace:
    """One `Page` per layer, in order, for a fixed number of rows m. Made by `Network.trace`.

    `by` are the functions that take the passes, block by block.
    """

    def __init__(self, pages: list[Page], by: Blocks = layer_by_layer) -> None:
        self.pages = pages
        self.by = by
        self.y = pages[-1].y
        self.passes = 0
        self._theta: Parameters | None = None
        self._version = 0
        self._source: Trace | None = None

    def __len__(self) -> int:
        """The number of rows m."""
        return len(self.y)

    def record(self, theta: Parameters, y: Array) -> None:
        """Note that a forward pass with theta has just filled the pages and returned y."""
        self._theta, self._version, self.y = theta, theta.version, y
        self.passes += 1

    def theta(self) -> Parameters:
        """The parameters of the forward pass. Raises StaleTraceError where they have changed."""
        if self._theta is None:
            raise StaleTraceError("this trace is empty: call forward before backward")
        if self._theta.version != self._version:
            changes = self._theta.version - self._version
            raise StaleTraceError(
                f"the parameters were changed {changes} time(s) since this forward pass: "
                "call forward again before backward"
            )
        if self._source is not None and self._source.passes != self.passes:
            raise StaleTraceError(
                "these rows belong to a trace that was used again since: take its rows again"
            )
        return self._theta

    def rows(self, start: int, stop: int) -> Trace:
        """The part of this trace that concerns rows start <= i < stop: views, no copies."""
        cut = slice(start, stop)
        part = Trace(
            [
                replace(
                    page,
                    x=page.x[cut],
                    y=page.y[cut],
                    dx=page.dx[cut],
                    mask=None if page.mask is None else page.mask[cut],
                )
                for page in self.pages
            ],
            self.by,
        )
        part.y, part.passes, part._source = self.y[cut], self.passes, self._source or self
        part._theta, part._version = self._theta, self._version
        return part
