"""The networks of a completion game: G reads [z, k, s], D reads [x, s].

    G(z, k, s)    the first layer of G(z) reads [z, k, s]; then as G(z); its outputs g are joined
                  with the observed values: [k + (1 - s) g, s]
    D(x, s)       as D(x), whose first layer reads [x, s]

k and s are passed on to the composite, the last layer.
"""

from __future__ import annotations

from minigan.layers import Branch, Composite, Parallel
from minigan.network import Network
from minigan.training.passing_on import passing_on


def completing_G(G: Network, n: int) -> Network:
    """G(z, k, s) for examples of n values, from the network G(z)."""
    z, first = G.inputs, G.layers[0]
    inputs = Parallel((Branch(0, z + 2 * n, first), Branch(z, z + 2 * n)))
    width = first.width(z + 2 * n)
    return Network(z + 2 * n, (inputs, *passing_on(G.layers[1:], width, 2 * n), Composite()))


def completing_D(D: Network) -> Network:
    """D(x, s), from the network D(x)."""
    return Network(2 * D.inputs, D.layers)
