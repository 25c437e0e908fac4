"""minigan's own layers and objectives: their functions are the forward functions.

minigan_linear, minigan_maxout, minigan_sigmoid, minigan_relu, minigan_dropout, minigan_value
"""

from corpus import claims as says
from corpus.activations import far_out, numbers
from corpus.dense import linear
from corpus.gan import value
from corpus.masks import dropout
from corpus.operation import operation
from corpus.rectifiers import maxout
from minigan import objectives
from minigan.layers import dropout as dropout_layer
from minigan.layers import linear as linear_layer
from minigan.layers import maxout as maxout_layer
from minigan.layers import relu as relu_layer
from minigan.layers import sigmoid as sigmoid_layer

KEEP, PIECES = 0.8, 3


@operation
def minigan_linear(x, W, b):
    return linear_layer.forward(x, W, b)


minigan_linear.inputs(linear.draw)


@minigan_linear.gradient
def _(dy, x, W, b):
    return linear_layer.backward_input(dy, W), *linear_layer.backward_params(dy, x)


minigan_linear.right("any_shape", m=(1, 6), n=(1, 5), u=(1, 4), scale=(1e-6, 1e6))


@minigan_linear.bug(says.SIGN)
def bias_descended(dy, x, W, b):
    dx, dW, db = minigan_linear.backward(dy, x, W, b)
    return dx, dW, -db


@operation
def minigan_maxout(x):
    return maxout_layer.forward(x, PIECES)


minigan_maxout.inputs(maxout.draw)


@minigan_maxout.gradient
def _(dy, x):
    return maxout_layer.backward_input(dy, x, maxout_layer.forward(x, PIECES), PIECES)


minigan_maxout.right("any_shape", m=(1, 5), n=(1, 4), scale=(1e-6, 1e6))


@minigan_maxout.bug(says.TERM, says.TRANSPOSED)
def pieces_side_by_side(dy, x):
    dx = minigan_maxout.backward(dy, x).reshape(len(x), PIECES, -1)
    return dx.swapaxes(1, 2).reshape(x.shape)


@operation
def minigan_sigmoid(x):
    return sigmoid_layer.forward(x)


minigan_sigmoid.inputs(numbers)


@minigan_sigmoid.gradient
def _(dy, x):
    return sigmoid_layer.backward_input(dy, x)


minigan_sigmoid.right("any_shape", m=(1, 5), n=(1, 5), scale=(1e-6, 1e2))
minigan_sigmoid.right("saturated", m=(1, 3), n=(1, 3), mean=(2e1, 6e1))


@minigan_sigmoid.bug(says.TERM)
def y_passed_for_x(dy, x):
    return sigmoid_layer.backward_input(dy, sigmoid_layer.forward(x))


@minigan_sigmoid.bug(says.ZERO, says.PLACES, says.SMALL, says.MASK, at=far_out)
def one_minus_y_rounds_to_zero(dy, x):
    y = sigmoid_layer.forward(x)
    return dy * y * (1 - y)


@operation
def minigan_relu(x):
    return relu_layer.forward(x)


minigan_relu.inputs(numbers)


@minigan_relu.gradient
def _(dy, x):
    return relu_layer.backward_input(dy, relu_layer.forward(x))


minigan_relu.right("any_shape", m=(1, 5), n=(1, 5), scale=(1e-6, 1e6))


@minigan_relu.bug(says.MASK, says.TERM, says.DY)
def dy_passed_for_y(dy, x):
    return relu_layer.backward_input(dy, dy)


@operation
def minigan_dropout(x, mask):
    return dropout_layer.forward(x, mask, KEEP)


minigan_dropout.inputs(dropout.draw)


@minigan_dropout.gradient
def _(dy, x, mask):
    return dropout_layer.backward_input(dy, mask, KEEP)


minigan_dropout.right("any_shape", m=(1, 5), n=(1, 5), scale=(1e-6, 1e6))


@minigan_dropout.bug(says.FACTOR)
def keep_of_another_layer(dy, x, mask):
    return dropout_layer.backward_input(dy, mask, 0.5)


@operation
def minigan_value(a_real, a_fake):
    return objectives.value(a_real, a_fake)


minigan_value.inputs(value.draw)


@minigan_value.gradient
def _(dy, a_real, a_fake):
    da_real, da_fake = objectives.value_gradient(a_real, a_fake)
    return dy * da_real, dy * da_fake


minigan_value.right("any_scale", m=(1, 6), scale=(1e-6, 1e2))


@minigan_value.bug(says.ORDER)
def real_and_fake_exchanged(dy, a_real, a_fake):
    da_real, da_fake = minigan_value.backward(dy, a_real, a_fake)
    return da_fake, da_real


@minigan_value.bug(says.DY)
def value_gradient_without_dy(dy, a_real, a_fake):
    return objectives.value_gradient(a_real, a_fake)
