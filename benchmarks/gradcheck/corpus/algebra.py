"""Linear algebra.

matvec       y = A x                         A square: wrong transpositions keep the shape
bilinear     y_ik = x_i^T A_k z_i
scale_shift  y = x g + b                     g (1, n), b a single number: gradients are sums
solve        A y = b
"""

import numpy as np

from corpus import claims as says
from corpus.operation import operation


@operation
def matvec(A, x):
    return A @ x


@matvec.inputs
def _(rng, n=4, scale=1.0):
    return scale * rng.normal(size=(n, n)), rng.normal(size=n)


@matvec.gradient
def _(dy, A, x):
    return np.outer(dy, x), A.T @ dy


matvec.right("any_shape", n=(1, 8), scale=(1e-6, 1e6))
matvec.spoil("matrix_transposed", says.TRANSPOSED, A=np.transpose)


@matvec.bug(says.TRANSPOSED, says.JACOBIAN, says.TERM)
def J_dy_for_J_transposed_dy(dy, A, x):
    return np.outer(dy, x), A @ dy


@matvec.bug(says.TERM, says.DY)
def input_in_place_of_dy(dy, A, x):
    return np.outer(dy, x), A.T @ x


@matvec.bug(says.TERM)
def outer_product_of_dy_and_y(dy, A, x):
    return np.outer(dy, A @ x), A.T @ dy


@operation
def bilinear(x, A, z):
    return np.einsum("ip,kpq,iq->ik", x, A, z)


@bilinear.inputs
def _(rng, m=3, n=4, u=2, scale=1.0):
    return rng.normal(size=(m, n)), scale * rng.normal(size=(u, n, n)), rng.normal(size=(m, n))


@bilinear.gradient
def _(dy, x, A, z):
    return (
        np.einsum("ik,kpq,iq->ip", dy, A, z),
        np.einsum("ik,ip,iq->kpq", dy, x, z),
        np.einsum("ik,kpq,ip->iq", dy, A, x),
    )


bilinear.right("any_shape", m=(1, 4), n=(1, 4), u=(1, 3), scale=(1e-3, 1e3))
bilinear.spoil("matrices_transposed", says.TRANSPOSED, A=lambda dA: dA.swapaxes(1, 2))
bilinear.spoil("matrices_mean_over_batch", says.SIZE, says.FACTOR, A=lambda dA: dA / 3)


@bilinear.bug(says.ORDER)
def both_vectors_exchanged(dy, x, A, z):
    dx, dA, dz = bilinear.backward(dy, x, A, z)
    return dz, dA, dx


@bilinear.bug(says.TERM)
def matrix_not_transposed_for_z(dy, x, A, z):
    dx, dA, _ = bilinear.backward(dy, x, A, z)
    return dx, dA, np.einsum("ik,kpq,iq->ip", dy, A, x)


@operation
def scale_shift(x, g, b):
    return x * g + b


@scale_shift.inputs
def _(rng, m=4, n=3, scale=1.0):
    return scale * rng.normal(size=(m, n)), rng.normal(size=(1, n)), np.array(rng.normal())


@scale_shift.gradient
def _(dy, x, g, b):
    return dy * g, (dy * x).sum(0, keepdims=True), dy.sum()


scale_shift.right("any_shape", m=(1, 6), n=(1, 6), scale=(1e-6, 1e6))
scale_shift.spoil("gain_without_its_axis", says.SHAPE, g=lambda dg: dg[0])
scale_shift.spoil("gain_summed_twice", says.BROADCAST, g=lambda dg: np.full_like(dg, dg.sum()))
scale_shift.spoil("shift_mean", says.SIZE, says.FACTOR, b=lambda db: db / 12)


@scale_shift.bug(says.MISSING_SUM)
def gain_not_summed(dy, x, g, b):
    return dy * g, dy * x, dy.sum()


@scale_shift.bug(says.TERM, says.FACTOR)
def gain_uses_y(dy, x, g, b):
    return dy * g, (dy * (x * g + b)).sum(0, keepdims=True), dy.sum()


@operation
def solve(A, b):
    return np.linalg.solve(A, b)


@solve.inputs
def _(rng, n=4, scale=1.0):
    return scale * (n * np.eye(n) + rng.normal(size=(n, n))), rng.normal(size=n)


@solve.gradient
def _(dy, A, b):
    db = np.linalg.solve(A.T, dy)
    return -np.outer(db, np.linalg.solve(A, b)), db


solve.right("any_shape", n=(1, 6), scale=(1e-4, 1e4))
solve.spoil("matrix_wrong_sign", says.SIGN, A=lambda dA: -dA)
solve.spoil("matrix_transposed", says.TRANSPOSED, A=np.transpose)


@solve.bug(says.TRANSPOSED, says.JACOBIAN, says.TERM)
def solved_with_A_not_transposed(dy, A, b):
    db = np.linalg.solve(A, dy)
    return -np.outer(db, np.linalg.solve(A, b)), db
