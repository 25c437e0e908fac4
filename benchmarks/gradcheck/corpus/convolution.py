"""Convolutions of images x (batch, c, height, width) with kernels K (o, c, size, size).

conv2d             y_bohw = b_o + sum_cij K_ocij x_bc,h+i-padding,w+j-padding
conv2d_strided     every second position, no padding
conv_transposed    y = the adjoint of a strided conv2d, K (c, o, size, size)
"""

import numpy as np

from corpus import claims as says
from corpus.operation import operation


def windows(x, size, stride, height, width):
    """(i, j, slices) for every offset of a kernel: the entries of x that it meets, on a view."""
    for i in range(size):
        for j in range(size):
            rows = slice(i, i + stride * height, stride)
            columns = slice(j, j + stride * width, stride)
            yield i, j, (slice(None), slice(None), rows, columns)


def padded(x, padding):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def convolve(x, K, b, stride, padding):
    xp, size = padded(x, padding), K.shape[2]
    height, width = ((n - size) // stride + 1 for n in xp.shape[2:])
    parts = [
        np.einsum("bchw,oc->bohw", xp[at], K[:, :, i, j])
        for i, j, at in windows(xp, size, stride, height, width)
    ]
    return sum(parts) + b[:, None, None]


def gradients(dy, x, K, stride, padding):
    xp, dK = padded(x, padding), np.zeros_like(K)
    dxp = np.zeros_like(xp)
    for i, j, at in windows(xp, K.shape[2], stride, *dy.shape[2:]):
        dxp[at] += np.einsum("bohw,oc->bchw", dy, K[:, :, i, j])
        dK[:, :, i, j] = np.einsum("bohw,bchw->oc", dy, xp[at])
    height, width = x.shape[2:]
    dx = dxp[:, :, padding : padding + height, padding : padding + width]
    return dx, dK, dy.sum((0, 2, 3))


def images(rng, batch=2, c=2, o=3, size=3, height=4, width=5, scale=1.0):
    height, width = max(height, size), max(width, size)
    return (
        scale * rng.normal(size=(batch, c, height, width)),
        rng.normal(size=(o, c, size, size)),
        rng.normal(size=o),
    )


ANY_SHAPE = dict.fromkeys(("batch", "c", "o", "size"), (1, 3))
ANY_SHAPE |= dict.fromkeys(("height", "width"), (1, 5))


@operation
def conv2d(x, K, b):
    return convolve(x, K, b, 1, 1)


conv2d.inputs(images)


@conv2d.gradient
def _(dy, x, K, b):
    return gradients(dy, x, K, 1, 1)


conv2d.right("any_shape", **ANY_SHAPE)
conv2d.right("any_scale", batch=1, c=(1, 2), o=(1, 2), scale=(1e-6, 1e6))
conv2d.spoil("kernel_flipped", says.FLIPPED, K=lambda dK: dK[:, :, ::-1, ::-1])
conv2d.spoil("kernel_transposed", says.TRANSPOSED, K=lambda dK: dK.swapaxes(2, 3))
conv2d.spoil("kernel_over_batch", says.SIZE, says.FACTOR, K=lambda dK: dK / 2)
conv2d.spoil("bias_mean_over_pixels", says.SIZE, says.FACTOR, b=lambda db: db / 20)
conv2d.spoil("border_row_zero", says.PLACES, says.MASK, x=lambda g: g * (np.c_[:4] > 0))
conv2d.spoil("image_shifted", says.SHIFTED, x=lambda dx: np.roll(dx, 1, axis=3))


@conv2d.bug(says.SHIFTED)
def crop_starts_one_too_early(dy, x, K, b):
    dxp, dK, db = gradients(dy, padded(x, 1), K, 1, 0)
    return dxp[:, :, :-2, 1:-1], dK, db


@conv2d.bug(says.FLIPPED, says.TERM)
def convolved_with_kernel_not_flipped(dy, x, K, b):
    return gradients(dy, x, K[:, :, ::-1, ::-1], 1, 1)[0], *gradients(dy, x, K, 1, 1)[1:]


@conv2d.bug(says.TERM)
def offsets_assigned_not_added(dy, x, K, b):
    dxp = np.zeros_like(padded(x, 1))
    for i, j, at in windows(dxp, 3, 1, *dy.shape[2:]):
        dxp[at] = np.einsum("bohw,oc->bchw", dy, K[:, :, i, j])
    return dxp[:, :, 1:-1, 1:-1], *gradients(dy, x, K, 1, 1)[1:]


@conv2d.bug(says.MISSING_SUM)
def bias_not_summed_over_batch(dy, x, K, b):
    return *gradients(dy, x, K, 1, 1)[:2], dy.sum((2, 3))


@operation
def conv2d_strided(x, K, b):
    return convolve(x, K, b, 2, 0)


@conv2d_strided.inputs
def _(rng, **lengths):
    return images(rng, **{"o": 2, "size": 2, "height": 5} | lengths)


@conv2d_strided.gradient
def _(dy, x, K, b):
    return gradients(dy, x, K, 2, 0)


conv2d_strided.right("any_shape", **ANY_SHAPE)
conv2d_strided.spoil("kernel_channels_exchanged", says.TRANSPOSED, K=lambda dK: dK.swapaxes(0, 1))


@conv2d_strided.bug(says.TERM)
def kernel_ignores_stride(dy, x, K, b):
    dK = np.zeros_like(K)
    for i, j, at in windows(x, 2, 1, *dy.shape[2:]):
        dK[:, :, i, j] = np.einsum("bohw,bchw->oc", dy, x[at])
    return gradients(dy, x, K, 2, 0)[0], dK, dy.sum((0, 2, 3))


@conv2d_strided.bug(says.PLACES, says.MASK, says.ZERO)
def last_window_forgotten(dy, x, K, b):
    dx, dK, db = gradients(dy, x, K, 2, 0)
    dx[:, :, 2:4] = 0
    return dx, dK, db


def spread(x, K, b, stride):
    size, (height, width) = K.shape[2], x.shape[2:]
    shape = (len(x), K.shape[1], stride * (height - 1) + size, stride * (width - 1) + size)
    y = np.zeros(shape, np.result_type(x, K, b)) + b[:, None, None]
    for i, j, at in windows(y, size, stride, height, width):
        y[at] += np.einsum("bchw,co->bohw", x, K[:, :, i, j])
    return y


@operation
def conv_transposed(x, K, b):
    return spread(x, K, b, 2)


@conv_transposed.inputs
def _(rng, batch=2, c=2, o=2, size=3, height=2, width=3, scale=1.0):
    x, K, _ = images(rng, batch, c, o, size, height, width, scale)
    return x[:, :, :height, :width], K.swapaxes(0, 1).copy(), rng.normal(size=o)


@conv_transposed.gradient
def _(dy, x, K, b):
    dx, dK = np.zeros_like(x), np.zeros_like(K)
    for i, j, at in windows(dy, K.shape[2], 2, *x.shape[2:]):
        dx += np.einsum("bohw,co->bchw", dy[at], K[:, :, i, j])
        dK[:, :, i, j] = np.einsum("bohw,bchw->co", dy[at], x)
    return dx, dK, dy.sum((0, 2, 3))


conv_transposed.right("any_shape", **ANY_SHAPE)
conv_transposed.spoil("kernel_flipped", says.FLIPPED, K=lambda dK: dK[:, :, ::-1, ::-1])
conv_transposed.spoil("channels_exchanged", says.TRANSPOSED, K=lambda dK: dK.swapaxes(0, 1))
conv_transposed.spoil("image_flipped", says.FLIPPED, x=lambda dx: dx[:, :, :, ::-1])


@conv_transposed.bug(says.TERM)
def stride_forgotten(dy, x, K, b):
    dx = np.zeros_like(x)
    for i, j, at in windows(dy, K.shape[2], 1, *x.shape[2:]):
        dx += np.einsum("bohw,co->bchw", dy[at], K[:, :, i, j])
    return dx, *conv_transposed.backward(dy, x, K, b)[1:]
