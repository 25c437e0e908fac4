"""The layers, one file each: formula, derivation, pure functions, and the class for networks.

    linear   y = x W + b            Linear(units, spread)    has parameters
    relu     y = max(0, x)          ReLU()
    sigmoid  y = 1 / (1 + e^-x)     Sigmoid()
    maxout   y = max over pieces    Maxout(units, pieces)
    dropout  y = x * mask / keep    Dropout(keep)            the only layer with a mask

and layers side by side, each on its own columns of x:

    parallel y = [f_1(x_1), ...]    Parallel((Branch(start, stop, layer), ...))

and two for the end of a G on longer rows, without parameters:

    composite    y = [k + (1 - s) g, s]    Composite()    of rows [g, k, s]
    addition     y = x_1 + x_2             Addition()     of rows [x_1, x_2]

and for images, whose windows a `Windows` describes (windows.py; patches.py copies their pixels):

    convolution      a linear layer in every window    Convolution(windows, units, spread)
    channel_maxout   maxout at each position           ChannelMaxout(units, pieces)
    max_pooling      the maximum in every window       MaxPooling(windows)
    deconvolution    a transposed convolution          Deconvolution(windows, channels, spread)

Each file has the functions `forward` and `backward_input`, and those with parameters also
`backward_params`. `tangent` is the derivative of `forward` along a direction; sigmoid also has
`curvature`.
Input arrays are positional arguments and are not changed. The result is written to the buffer
`out` if it is given, and to a new array otherwise. The functions accept float32, float64 and
complex128 arrays, and return the same dtype. The class at the end of each file is a `Layer`, the
form in which a `Network` uses these functions.
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
