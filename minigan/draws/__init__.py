"""Every random number of a run: bits by (seed, stream, step), and the minibatches made of them."""

from minigan.draws.streams import generator, key, mask, philox, threshold

__all__ = ["generator", "key", "mask", "philox", "threshold"]
