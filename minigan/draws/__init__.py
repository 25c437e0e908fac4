"""The random numbers of a run, computed from (seed, stream, step): minibatches, noise, masks."""

from minigan.draws.streams import generator, key, mask, philox, threshold

__all__ = ["generator", "key", "mask", "philox", "threshold"]
