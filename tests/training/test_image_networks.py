"""The layers for images of a recipe: order and sizes, and the published CIFAR-10 networks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import tiny

from minigan.errors import UserError
from minigan.layers import (
    ChannelMaxout,
    Convolution,
    Deconvolution,
    Dropout,
    Linear,
    Maxout,
    MaxPooling,
    ReLU,
    Sigmoid,
    Windows,
)
from minigan.network import Network
from minigan.training import recipes
from minigan.training.networks import build_D, build_G
from minigan.training.recipes.image_layers import ConvolutionSettings, DeconvolutionSettings

ONE = (DeconvolutionSettings(channels=1, kernel=2, stride=1),)
GENERATOR = replace(tiny.recipe().generator, hidden=(7, 24), map=(2, 3), deconvolutions=ONE)
DISCRIMINATOR = tiny.recipe().discriminator
PUBLISHED = recipes.load("cifar10-conv-2014")


def sizes(network: Network) -> dict[str, int]:
    return {name: math.prod(shape) for name, shape in network.shapes.items()}


def test_the_published_convolutional_G_has_every_published_shape() -> None:
    G = build_G(PUBLISHED.generator, 100, 3072, (32, 32, 3))
    assert (
        Network(
            100,
            (
                *(Linear(8000, 0.05), ReLU(), Linear(8000, 0.05), Sigmoid()),
                Deconvolution(Windows(32, 32, 5, 3), 3, 0.05),
            ),
        )
        == G
    )
    assert G.widths == [100, 8000, 8000, 8000, 80 * 10 * 10, 3 * 32 * 32]
    assert sum(sizes(G).values()) == 808_000 + 64_008_000 + 6_000 + 3_072
    assert G.shapes["deconvolution1.W"] == (5, 5, 3, 80)
    assert G.shapes["deconvolution1.b"] == (3072,)


def test_the_published_convolutional_D_has_every_published_shape() -> None:
    D = build_D(PUBLISHED.discriminator, 3072, (32, 32, 3))
    widths = [3072, *(64 * 33 * 33, 32 * 33 * 33, 32 * 16 * 16)]
    widths += [*(64 * 15 * 15, 32 * 15 * 15, 32 * 7 * 7), *(384 * 9 * 9, 192 * 9 * 9, 192 * 5 * 5)]
    kinds = [layer for layer in D.layers if not isinstance(layer, Dropout)]
    assert [width for width, layer in zip(D.widths, D.layers, strict=False) if layer in kinds] == [
        *(widths[0], widths[1], widths[2], 8192, widths[4], widths[5], 1568),
        *(widths[7], widths[8], 4800, 2500, 500),
    ]
    assert D.widths[-1] == 1
    assert D.mask_sizes == [(3072, 0.8), (8192, 0.5), (1568, 0.5), (4800, 0.5), (500, 0.5)]
    counts = list(sizes(D).values())
    by_layer = [counts[i] + counts[i + 1] for i in range(0, len(counts), 2)]
    assert by_layer == [12_352, 131_136, 307_584, 12_002_500, 501]
    assert D.shapes["convolution1.W"] == (8, 8, 3, 64)
    assert kinds[-3:] == [Linear(2500, 0.005), Maxout(500, 5), Linear(1, 0.005)]


def test_a_D_with_convolutions_has_dropout_before_each_and_maxout_and_pooling_after_it() -> None:
    two = (
        ConvolutionSettings(3, 2, kernel=3, pad=1, pool=3, pool_stride=2),
        ConvolutionSettings(4, 1, kernel=2),
    )
    recipe = replace(DISCRIMINATOR, convolutions=two, units=(4,))
    assert build_D(recipe, 5 * 6 * 2, (5, 6, 2)) == Network(
        60,
        (
            *(Dropout(0.8), Convolution(Windows(5, 6, 3, 1, 1), 6, 0.3), ChannelMaxout(3, 2)),
            MaxPooling(Windows(5, 6, 3, 2)),  # to 2 x 3
            *(Dropout(0.5), Convolution(Windows(2, 3, 2), 4, 0.3)),
            *(Dropout(0.5), Linear(8, 0.3), Maxout(4, 2)),
            *(Dropout(0.5), Linear(1, 0.3)),
        ),
    )


def test_a_G_with_two_deconvolutions_has_a_rectifier_between_them() -> None:
    two = (
        DeconvolutionSettings(channels=2, kernel=3, stride=2, tied=True),
        DeconvolutionSettings(channels=1, kernel=4, stride=2, pad_out=1),
    )
    recipe = replace(GENERATOR, deconvolutions=two, output_spread=0.7)
    assert build_G(recipe, 5, 10 * 14) == Network(
        5,
        (
            *(Linear(7, 0.5), ReLU(), Linear(24, 0.5), ReLU()),
            *(Deconvolution(Windows(5, 7, 3, 2), 2, 0.7, tied=True), ReLU()),
            *(Deconvolution(Windows(10, 14, 4, 2, 1), 1, 0.7), Sigmoid()),
        ),
    )


def test_unit_channel_of_a_place_of_the_map_is_the_last_index() -> None:
    one = (DeconvolutionSettings(channels=1, kernel=1, stride=1),)
    recipe = replace(GENERATOR, hidden=(12,), deconvolutions=one, output="linear")
    G = build_G(recipe, 2, 6)
    theta = G.zeros()
    theta["linear1.b"][...] = np.arange(12)  # ReLU units (row * 3 + column) * 2 + channel
    theta["deconvolution1.W"][...] = [1, 100]
    y = G.forward(theta, np.zeros((1, 2), np.float32)).y
    assert y.tolist() == [[100 * (2 * i + 1) + 2 * i for i in range(6)]]


def test_points_and_windows_that_do_not_fit_are_refused_with_the_name_of_the_setting() -> None:
    one = replace(DISCRIMINATOR, convolutions=(ConvolutionSettings(2, 1, kernel=9),))
    with pytest.raises(UserError, match="convolutions needs images: leave it out, or choose anoth"):
        build_D(one, 2, (2,))
    with pytest.raises(
        UserError, match=r"discriminator\.convolutions\[0\]\.kernel = 9: .* smaller"
    ):
        build_D(one, 64, (8, 8, 1))
    pooled = ConvolutionSettings(2, 1, kernel=1), ConvolutionSettings(2, 1, kernel=3, pool=7)
    words = (
        r"^discriminator\.convolutions\[1\]\.pool = 7: a window of 7 x 7 is larger than an image "
        r"of 6 x 6 with 0 pixels of padding: use a smaller one, or less pooling before it$"
    )
    with pytest.raises(UserError, match=words):
        build_D(replace(DISCRIMINATOR, convolutions=pooled), 64, (8, 8, 1))
    cropped = (DeconvolutionSettings(1, kernel=3, stride=1, pad_out=2),)
    with pytest.raises(
        UserError, match=r"generator\.deconvolutions\[0\]\.kernel = 3: .* smaller pad_o"
    ):
        build_G(replace(GENERATOR, deconvolutions=cropped), 5, 6)
