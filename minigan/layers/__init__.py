"""The layers, one file each: formula, derivation, pure functions, and the class for networks.

    linear   y = x W + b            Linear(units, spread)    the only layer with parameters
    relu     y = max(0, x)          ReLU()
    sigmoid  y = 1 / (1 + e^-x)     Sigmoid()
    maxout   y = max over pieces    Maxout(units, pieces)
    dropout  y = x * mask / keep    Dropout(keep)            the only layer with a mask

Each file has the functions `forward`, `backward_input` and `tangent`, the derivative of `forward`
along a direction; linear also has `backward_params`, and sigmoid `curvature`.
Input arrays are positional arguments and are not changed. The result is written to the buffer
`out` if it is given, and to a new array otherwise. The functions accept float32, float64 and
complex128 arrays, and return the same dtype. The class at the end of each file is a `Layer`, the
form in which a `Network` uses these functions.
"""

from minigan.layers.dropout import Dropout
from minigan.layers.layer import Layer, Theta
from minigan.layers.linear import Linear
from minigan.layers.maxout import Maxout
from minigan.layers.relu import ReLU
from minigan.layers.sigmoid import Sigmoid

__all__ = ["Dropout", "Layer", "Linear", "Maxout", "ReLU", "Sigmoid", "Theta"]
