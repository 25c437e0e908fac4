"""A trace is the memory of one forward pass: what each layer read and wrote, and with which theta.

D runs on several batches in one iteration. Each pass has a trace of its own, so two forward
passes followed by two backward passes are right; nothing is remembered anywhere else. The
buffers are made once and used again: a forward pass into a used trace replaces its content.

A trace is stale when theta has changed since its forward pass, or when it is a part (`rows`) of
a trace that has been used again. A backward pass through a stale trace raises an error.
What a trace cannot detect: x and the masks are kept, not copied, so code that overwrites them
between the two passes changes the gradient; and a forward pass into a used trace returns the same
trace, so a reference to it from the earlier pass now refers to the later one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from minigan.arrays import Array
from minigan.parameters import Parameters


class StaleTraceError(RuntimeError):
    """A backward pass was asked of a trace that no longer matches its parameters or its rows."""


@dataclass
class LayerTrace:
    """What one layer read and wrote in one forward pass, and where its backward pass writes.

    x (m, n) and y (m, u) of the forward pass, dx (m, n) of the backward pass, and a boolean mask
    (m, n) for a layer that takes one. A layer's y is the next layer's x. Dropout without a mask
    writes nothing: it returns x itself.
    """

    x: Array
    y: Array
    dx: Array
    mask: Array | None = None


class Trace:
    """One `LayerTrace` per layer, in order, for a fixed number of rows m. See `Network.trace`."""

    def __init__(self, layers: list[LayerTrace]) -> None:
        self.layers = layers
        self.y = layers[-1].y
        self.passes = 0
        self._theta: Parameters | None = None
        self._version = 0
        self._source: Trace | None = None

    def __len__(self) -> int:
        """The number of rows m."""
        return len(self.y)

    def record(self, theta: Parameters, y: Array) -> None:
        """Note that a forward pass with theta has just filled the buffers and returned y."""
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
                    layer,
                    x=layer.x[cut],
                    y=layer.y[cut],
                    dx=layer.dx[cut],
                    mask=None if layer.mask is None else layer.mask[cut],
                )
                for layer in self.layers
            ]
        )
        part.y, part.passes, part._source = self.y[cut], self.passes, self._source or self
        part._theta, part._version = self._theta, self._version
        return part
