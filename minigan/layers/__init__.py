"""The layers, one file each: formula, derivation, functions, and the class for networks.

    linear     y = x W + b             Linear(units, spread)
    relu       y = max(0, x)           ReLU()
    sigmoid    y = 1 / (1 + e^-x)      Sigmoid()
    maxout     y = max over pieces     Maxout(units, pieces)
    dropout    y = x * mask / keep     Dropout(keep)

Layers for images. A `Windows` describes their windows (windows.py); patches.py copies the pixels
under them:

    convolution      a linear layer in every window    Convolution(windows, units, spread)
    channel_maxout   maxout at each position           ChannelMaxout(units, pieces)
    max_pooling      the maximum in every window       MaxPooling(windows)
    deconvolution    a transposed convolution          Deconvolution(windows, channels, spread)

Layers on parts of a row:

    parallel     y = [f_1(x_1), ...]       Parallel((Branch(start, stop, layer), ...))
    composite    y = [k + (1 - s) g, s]    Composite()    for rows [g, k, s]
    addition     y = x_1 + x_2             Addition()     for rows [x_1, x_2]

Linear, Convolution and Deconvolution have the parameters W and b, and Parallel has those of its
branches. Dropout takes a mask, and so does Parallel if a branch has dropout.

The class in each file is a `Layer`, the form in which a `Network` uses it. Most classes call pure
functions of their file: `forward`, `backward_input`, `tangent` (the derivative of `forward` along a
direction of x), and `backward_params` if the layer has parameters; sigmoid also has `curvature`.
Input arrays of these functions are positional arguments and are not changed. The result is written
to the buffer `out` if it is given, and to a new array otherwise. float32, float64 and complex128
are accepted, and the result has the same dtype.
"""

from minigan.layers.addition import Addition
from minigan.layers.channel_maxout import ChannelMaxout
from minigan.layers.composite import Composite
from minigan.layers.convolution import Convolution
from minigan.layers.deconvolution import Deconvolution
from minigan.layers.dropout import Dropout
from minigan.layers.layer import Layer, Theta
from minigan.layers.linear import Linear
from minigan.layers.max_pooling import MaxPooling
from minigan.layers.maxout import Maxout
from minigan.layers.parallel import Branch, Identity, Parallel
from minigan.layers.relu import ReLU
from minigan.layers.sigmoid import Sigmoid
from minigan.layers.windows import Windows

__all__ = [
    "Addition",
    "Branch",
    "ChannelMaxout",
    "Composite",
    "Convolution",
    "Deconvolution",
    "Dropout",
    "Identity",
    "Layer",
    "Linear",
    "MaxPooling",
    "Maxout",
    "Parallel",
    "ReLU",
    "Sigmoid",
    "Theta",
    "Windows",
]
