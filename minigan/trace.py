"""A trace stores one forward pass: the arrays that each layer read and wrote, and its theta.

D runs on several batches in one iteration. Each pass has its own trace, and layers store nothing,
so two forward passes followed by two backward passes give the right gradients. The buffers of a
trace can be reused: a forward pass into a used trace overwrites its content.

A trace is stale if theta has changed since its forward pass, or if it is part (`rows`) of a trace
that has been used again since. A backward pass through a stale trace raises StaleTraceError.

Two errors are not detected. x and the masks are not copied, so code that changes them between the
two passes changes the gradient. And a forward pass into a used trace returns the same object, so
an earlier reference to that trace refers to the later pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from minigan.arrays import Array
from minigan.parameters import Parameters


class StaleTraceError(RuntimeError):
    """The trace is empty, theta has changed since its forward pass, or its buffers were reused."""


@dataclass
class LayerTrace:
    """The arrays of one layer in one pass: x and y of `forward`, dx of `backward_input`.

    x (m, n), y (m, u), dx (m, n), and a boolean mask (m, n) for a layer that takes one. The y of a
    layer is the x of the next layer. Dropout without a mask does not write y: it returns x.
    """

    x: Array
    y: Array
    dx: Array
    mask: Array | None = None


class Trace:
    """One `LayerTrace` per layer, in order, for m rows. `Network.trace` makes it."""

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
        """Record that a forward pass with theta has filled the buffers and returned y."""
        self._theta, self._version, self.y = theta, theta.version, y
        self.passes += 1

    def theta(self) -> Parameters:
        """The parameters of the forward pass. Raises StaleTraceError if they have changed."""
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
                "these rows belong to a trace that was used again: call rows again after forward"
            )
        return self._theta

    def rows(self, start: int, stop: int) -> Trace:
        """A trace of the rows start <= i < stop of this pass, as views without copies."""
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
