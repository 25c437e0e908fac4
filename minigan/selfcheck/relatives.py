"""Check the gradients of the relatives of GANs: `minigan.theory.relatives`.

adversarial       dJ/dx of each row, through a maxout classifier
CAE               dL/dtheta, with the gradient of |J|^2
NCE               dV/dtheta
predictability    dV/dy, and dV/dtheta of both predictors
RBM               minus the gradient of the mean free energy, in W, b and c
VAE               the gradient of the ELBO in theta_e and theta_g, for a fixed eps
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array, array_module
from minigan.evaluation.logistic_head import cross_entropy
from minigan.gradcheck import Row
from minigan.layers import Linear, Maxout
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.selfcheck.rows import check_rows, normal
from minigan.theory.relatives import predictability
from minigan.theory.relatives.adversarial import loss_gradient_in_x
from minigan.theory.relatives.cae import cae_gradient, cae_loss, cae_shapes
from minigan.theory.relatives.nce import DATA, NOISE, nce_gradient, nce_value
from minigan.theory.relatives.rbm import RBM, free_energy, mean_statistics
from minigan.theory.relatives.vae import elbo, elbo_gradients, vae_of

M = 3


def check_relatives() -> tuple[Row, ...]:
    """The rows of all relatives."""
    return (
        *check_adversarial(),
        *check_cae(),
        *check_nce(),
        *check_predictability(),
        *check_rbm(),
        *check_vae(),
    )


def check_adversarial() -> tuple[Row, ...]:
    """The row of x, for a classifier with one maxout layer and fixed theta and labels."""
    network = Network(4, (Linear(6, 1.0), Maxout(3, 2), Linear(3, 1.0)))
    vector, labels = network.initial(0, "proofs/classifier", np.float64).vector, np.arange(M)

    def theta_like(x: Array) -> Parameters:
        theta = network.zeros(x.dtype, array_module(x))
        theta.vector[...] = vector
        return theta

    def forward(x: Array) -> Any:
        """The sum of the losses of all rows."""
        return M * cross_entropy(network.forward(theta_like(x), x).y, np.eye(3)[labels])

    def backward(dJ: Array, x: Array) -> Array:
        """dx."""
        return dJ * loss_gradient_in_x(network, theta_like(x), x, labels)

    return check_rows("adversarial", forward, backward, normal("adversarial/x", M, 4), names=["x"])


def check_cae() -> tuple[Row, ...]:
    """The rows of W, b and c, for fixed x and lambda = 0.7."""
    shapes = cae_shapes(4, 3)
    x = normal("cae/x", M, 4)

    def theta_of(tensors: tuple[Array, ...]) -> Parameters:
        return Parameters(shapes, np.concatenate([tensor.ravel() for tensor in tensors]))

    def forward(*tensors: Array) -> Any:
        """L, as a function of W, b and c."""
        return cae_loss(theta_of(tensors), x, 0.7)

    def backward(dL: Array, *tensors: Array) -> tuple[Array, ...]:
        """(dW, db, dc)."""
        return tuple(dL * one for one in cae_gradient(theta_of(tensors), x, 0.7).values())

    tensors = [normal(f"cae/{name}", *shape) for name, shape in shapes.items()]
    return check_rows("CAE", forward, backward, *tensors, names=list(shapes))


def check_nce() -> tuple[Row, ...]:
    """The row of dV/dtheta, for a few points of the data and of the noise."""
    data, samples = DATA.draw_points(M, 0, "proofs"), NOISE.draw_points(M, 0, "proofs")

    def forward(theta: Array) -> Any:
        """V, as a function of theta."""
        return nce_value(theta, data, samples, NOISE)

    def backward(dV: Array, theta: Array) -> Array:
        """dtheta."""
        return dV * nce_gradient(theta, data, samples, NOISE)

    return check_rows("NCE", forward, backward, normal("nce/theta", 3), names=["theta"])


def check_predictability() -> tuple[Row, ...]:
    """The rows of dV/dy and of dV/dtheta for the first and the second predictor."""
    P = predictability.P

    def computed(y: Array, *vectors: Array) -> tuple[Array, Any, Any]:
        dtype = np.result_type(y, *vectors)
        first, second = (Parameters(P.shapes, vector.astype(dtype)) for vector in vectors)
        return predictability.predictability_gradients(y.astype(dtype), (first, second))

    def forward(y: Array, *vectors: Array) -> Any:
        """V, as a function of y and of theta of both predictors."""
        return computed(y, *vectors)[2]

    def backward(dV: Array, y: Array, *vectors: Array) -> tuple[Array, ...]:
        """(dy, dtheta of the first predictor, dtheta of the second)."""
        dy, gradients, _ = computed(y, *vectors)
        return tuple(dV * one for one in (dy, *(dtheta.vector for dtheta in gradients)))

    size = P.zeros().vector.size
    inputs = normal("predictability/y", M, 2), *(normal(f"predictability/{i}", size) for i in "12")
    names = ["y", "theta_1", "theta_2"]
    return check_rows("predictability", forward, backward, *inputs, names=names)


def check_rbm() -> tuple[Row, ...]:
    """The rows of W, b and c: -dF/dtheta, the part of the log-likelihood that needs no sampling."""
    shapes = RBM(4, 3).shapes
    v = (normal("rbm/v", M, 4) > 0).astype(np.float64)

    def theta_of(tensors: tuple[Array, ...]) -> Parameters:
        return Parameters(shapes, np.concatenate([tensor.ravel() for tensor in tensors]))

    def forward(*tensors: Array) -> Any:
        """-mean F(v), as a function of W, b and c."""
        return -free_energy(theta_of(tensors), v).sum() / M

    def backward(dL: Array, *tensors: Array) -> tuple[Array, ...]:
        """(dW, db, dc)."""
        return tuple(dL * one for one in mean_statistics(theta_of(tensors), v).values())

    tensors = [normal(f"rbm/{name}", *shape) for name, shape in shapes.items()]
    return check_rows("RBM", forward, backward, *tensors, names=list(shapes))


def check_vae() -> tuple[Row, ...]:
    """The rows of theta_e and theta_g, for fixed x and eps."""
    vae = vae_of(4, 2, 5)
    x, eps = (normal("vae/x", M, 4) > 0).astype(np.float64), normal("vae/eps", M, 2)

    def thetas(*vectors: Array) -> tuple[Parameters, Parameters]:
        dtype = np.result_type(*vectors)
        e, g = (vector.astype(dtype) for vector in vectors)
        return Parameters(vae.E.shapes, e), Parameters(vae.G.shapes, g)

    def forward(*vectors: Array) -> Any:
        """The ELBO, as a function of theta_e and theta_g."""
        both = thetas(*vectors)
        return elbo(vae, *both, x.astype(both[0].vector.dtype), eps)

    def backward(dL: Array, *vectors: Array) -> tuple[Array, ...]:
        """(dtheta_e, dtheta_g)."""
        both = thetas(*vectors)
        gradients = elbo_gradients(vae, *both, x.astype(both[0].vector.dtype), eps)
        return tuple(dL * one.vector for one in gradients)

    sizes = (network.zeros().vector.size for network in (vae.E, vae.G))
    vectors = [normal(f"vae/{size}", size) / 2 for size in sizes]
    return check_rows("VAE", forward, backward, *vectors, names=["theta_e", "theta_g"])
