"""The layers: one file each, with formula, derivation, pure functions and description.

    linear   y = x W + b            Linear(units, spread)    the only layer with parameters
    relu     y = max(0, x)          ReLU()
    sigmoid  y = 1 / (1 + e^-x)     Sigmoid()
    maxout   y = max over pieces    Maxout(units, pieces)
    dropout  y = x * mask / keep    Dropout(keep)            needs a mask

Each file has the functions `forward` and `backward_input`; linear has `backward_params` too.
Inputs are positional and only read; outputs are keyword-only: with `out=buffer` a function writes
there, without it the function allocates. All work in float32, float64 and complex128, and return
the dtype that they were given. The class at the end of each file is the layer as a network uses
it: a `Layer`.
"""

from minigan.layers.dropout import Dropout
from minigan.layers.layer import Layer, Theta
from minigan.layers.linear import Linear
from minigan.layers.maxout import Maxout
from minigan.layers.relu import ReLU
from minigan.layers.sigmoid import Sigmoid

__all__ = ["Dropout", "Layer", "Linear", "Maxout", "ReLU", "Sigmoid", "Theta"]
