"""The layers for images of a recipe's networks.

G    map -> [deconvolution, ReLU] -> ... -> deconvolution       sizes n -> stride (n - 1) + kernel
                                                                           - 2 pad_out
D    image -> [dropout, convolution, maxout, max pooling] for each of `convolutions`

The last hidden layer of G is read as a map: unit (row * columns + column) * channels + channel.
"""

from __future__ import annotations

from collections.abc import Sequence

from minigan.errors import UserError
from minigan.layers import (
    ChannelMaxout,
    Convolution,
    Deconvolution,
    Layer,
    MaxPooling,
    ReLU,
    Windows,
)
from minigan.training.recipes.players import Discriminator, Generator


def deconvolution_layers(recipe: Generator, image: Sequence[int]) -> list[Layer]:
    """The layers of G from its map to the image, with ReLU between two deconvolutions.

    Raises UserError if the shape of an example is given as `image` and G makes another.
    """
    rows, columns = recipe.map
    layers: list[Layer] = []
    for i, one in enumerate(recipe.deconvolutions):
        if layers:
            layers.append(ReLU())
        height, width = (
            one.stride * (n - 1) + one.kernel - 2 * one.pad_out for n in (rows, columns)
        )
        name = f"generator.deconvolutions[{i}].kernel"
        windows = _windows(
            *(name, height, width, one.kernel, one.stride, one.pad_out),
            advice="use a smaller pad_out, or a larger generator.map",
        )
        spread = recipe.output_spread or recipe.spread
        layers.append(Deconvolution(windows, one.channels, spread, one.tied))
        rows, columns = height, width
    made = rows, columns, recipe.deconvolutions[-1].channels
    if image and made != tuple(image):
        raise UserError(
            f"generator.deconvolutions make images of {_sizes(made)}, but an example has the shape "
            f"{_sizes(image)} (height, width, channels): change generator.map or the "
            "deconvolutions, or, for a folder of pictures, data.height, data.width and "
            "data.channels"
        )
    return layers


def convolution_layers(recipe: Discriminator, image: Sequence[int]) -> list[list[Layer]]:
    """For each convolution of D: the layers from one dropout to the next.

    `image` is the shape of an example: height, width, channels.
    """
    if len(image) != 3:
        raise UserError(
            "discriminator.convolutions needs images: leave it out, or choose another data.set"
        )
    height, width, _ = image
    stages = []
    for i, one in enumerate(recipe.convolutions):
        name = f"discriminator.convolutions[{i}]"
        windows = _windows(f"{name}.kernel", height, width, one.kernel, 1, one.pad)
        stage: list[Layer] = [Convolution(windows, one.channels * one.pieces, recipe.spread)]
        if one.pieces > 1:
            stage.append(ChannelMaxout(one.channels, one.pieces))
        height, width = windows.rows, windows.columns
        if one.pool > 1:
            windows = _windows(f"{name}.pool", height, width, one.pool, one.pool_stride, 0)
            stage.append(MaxPooling(windows))
            height, width = windows.rows, windows.columns
        stages.append(stage)
    return stages


def _sizes(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def _windows(
    name: str,
    height: int,
    width: int,
    size: int,
    stride: int,
    pad: int,
    advice: str = "use a smaller one, or less pooling before it",
) -> Windows:
    try:
        return Windows(height, width, size, stride, pad)
    except ValueError as error:
        raise UserError(f"{name} = {size}: {error}: {advice}") from None
