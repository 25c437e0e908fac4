"""The networks of a conditional game: a branch for c in both, and c at the end of G's rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tiny

from minigan.errors import UserError
from minigan.layers import Branch, Dropout, Linear, Maxout, Parallel, ReLU, Sigmoid
from minigan.training import recipes
from minigan.training.networks import build_D, build_G


def test_G_has_a_branch_for_c_beside_its_first_layer_and_passes_c_on():
    G = build_G(tiny.recipe(**tiny.CONDITIONAL).generator, 3, 64, classes=10)
    of_c = Branch(3, 13, Linear(4, 0.5 * math.sqrt(3)))
    assert G.layers == (
        Parallel((Branch(0, 3, Linear(7, 0.5)), of_c, Branch(3, 13))),
        Parallel((Branch(0, 11, ReLU()), Branch(11, 21))),
        Parallel((Branch(0, 11, Linear(5, 0.5)), Branch(11, 21))),
        Parallel((Branch(0, 5, ReLU()), Branch(5, 15))),
        Parallel((Branch(0, 5, Linear(64, 0.5)), Branch(5, 15))),
        Parallel((Branch(0, 64, Sigmoid()), Branch(64, 74))),
    )
    assert (G.inputs, G.outputs) == (13, 74)
    rows = np.random.default_rng(0).standard_normal((5, 13)).astype(np.float32)
    y = G.forward(G.initial(1, "theta_g"), rows).y
    np.testing.assert_array_equal(y[:, 64:], rows[:, 3:])


def test_D_has_a_branch_for_c_beside_its_first_layer_and_drops_no_c_before_it():
    D = build_D(tiny.recipe(**tiny.CONDITIONAL).discriminator, 64, classes=10)
    of_c = Branch(64, 74, Linear(6, 0.3 * 8))
    assert D.layers == (
        Parallel((Branch(0, 64, Dropout(0.8)), Branch(64, 74))),
        Parallel((Branch(0, 64, Linear(8, 0.3)), of_c)),
        Parallel((Branch(0, 8, Maxout(4, 2)), Branch(8, 14, Maxout(3, 2)))),
        *(Dropout(0.5), Linear(6, 0.3), Maxout(3, 2)),
        *(Dropout(0.5), Linear(1, 0.3)),
    )
    assert (D.inputs, D.outputs) == (74, 1)
    whole = tiny.recipe(**tiny.CONDITIONAL, discriminator__keep_input=1.0).discriminator
    without = build_D(whole, 64, classes=10)
    assert without.layers == D.layers[1:]


def test_the_networks_of_mirza_and_osindero_are_a_recipe():
    """z and c with 200 and 1000 rectifiers, then 1200; x and c with 240 and 50 maxout units."""
    changes = ["generator.hidden=[200, 1200]", "generator.class_units=1000"]
    recipe = recipes.load("mnist-conditional", changes)
    G = build_G(recipe.generator, recipe.prior.size, 784, classes=10)
    assert [shape for name, shape in G.shapes.items() if ".W" in name] == [
        *((100, 200), (10, 1000), (1200, 1200), (1200, 784))
    ]
    D = build_D(recipe.discriminator, 784, classes=10)
    assert [shape for name, shape in D.shapes.items() if ".W" in name] == [
        *((784, 1200), (10, 250), (290, 1200), (240, 1))
    ]


def test_deconvolutions_work_beside_c_and_convolutions_of_D_are_refused():
    begun = tiny.experiment(**tiny.DECONVOLUTION | tiny.CONDITIONAL)
    begun.iterate(0)
    assert begun.samples(4).shape == (4, 64)
    with pytest.raises(UserError, match="class_units is for a D without convolutions"):
        tiny.recipe(**tiny.CONVOLUTION, **tiny.CONDITIONAL)
