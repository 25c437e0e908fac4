"""The networks of the completion game: what G keeps, what the mask changes, and their sizes."""

from __future__ import annotations

import numpy as np
import tiny

from minigan.training.networks import networks_of


def test_the_sizes_are_those_of_rows_with_a_mask():
    G, D = networks_of(tiny.recipe(**tiny.COMPLETING), 64, ())
    assert (G.inputs, G.outputs, D.inputs, D.outputs) == (3 + 128, 128, 128, 1)
    shapes = [shape for name, shape in G.shapes.items() if ".W" in name]
    assert shapes == [(131, 7), (7, 5), (5, 64)]
    assert next(shape for name, shape in D.shapes.items() if ".W" in name) == (128, 8)


def test_observed_values_are_returned_exactly_and_missing_ones_depend_on_z_x_and_s():
    rng = np.random.default_rng(0)
    G, _ = networks_of(tiny.recipe(**tiny.COMPLETING), 64, ())
    theta = G.initial(1, "theta_g")
    x = rng.random((1, 64)).astype(np.float32)
    s = (rng.random((1, 64)) < 0.5).astype(np.float32)
    z = rng.standard_normal((2, 3)).astype(np.float32)

    def completed(z, x, s):
        return G.forward(theta, np.hstack([z, s * x, s]).astype(np.float32)).y.copy()

    one, other = completed(z[:1], x, s), completed(z[1:], x, s)
    for y in (one, other):
        np.testing.assert_array_equal(y[:, :64][s == 1], x[s == 1])
        np.testing.assert_array_equal(y[:, 64:], s)
    missing = s[0] == 0
    assert (one[0, :64] != other[0, :64])[missing].all()
    changed = completed(z[:1], 1 - x, s)
    assert (one[0, :64] != changed[0, :64])[missing].all()
    # A value that is observed and 0 is not the same as a missing value.
    dark, more = np.zeros_like(x), s.copy()
    more[0, np.flatnonzero(missing)[0]] = 1
    assert (completed(z[:1], dark, s) != completed(z[:1], dark, more))[0, :64][missing].all()
