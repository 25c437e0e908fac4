"""The kernels compute the same as the generic code, bit for bit where arithmetic is exact.

The kernels are compiled by NVRTC and run in the interpreter of tests/tools/softgpu, so no GPU is
needed. NumPy computes the matrix products of both. Results that use exp are compared with float64:
sigma(x) to 2 units in the last place (the accuracy of NumPy), and later results to one more unit
for each rounding. A kernel sums over rows in a fixed order, which a slow loop repeats here.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from softgpu import standin
from softgpu.refusals import MissedByCuPy

from minigan import objectives, optimizers
from minigan.backends.cuda.deferred import DeferredNotFiniteError
from minigan.backends.cuda.fused import FusedBackend
from minigan.backends.cuda.launcher import OPTIONS
from minigan.layers import Dropout, Linear, Maxout, ReLU, Sigmoid
from minigan.network import Network
from minigan.objectives import Equilibrium, Objective
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant, ExponentialDecay

pytestmark = pytest.mark.cupy

SEEDS = st.integers(0, 2**32 - 1)
ROWS = st.sampled_from([1, 2, 7, 8, 9, 33])
UNITS = st.sampled_from([2, 5, 31, 32, 33, 65])
PIECES = 3
SHAPES = {
    "bias": lambda u: (Linear(u, 0.5),),
    "relu": lambda u: (Linear(u, 0.5), ReLU()),
    "sigmoid": lambda u: (Linear(u, 0.5), Sigmoid()),
    "maxout": lambda u: (Linear(u * PIECES, 0.5), Maxout(u, PIECES)),
    "relu, dropout": lambda u: (Linear(u, 0.5), ReLU(), Dropout(0.7)),
    "sigmoid, dropout": lambda u: (Linear(u, 0.5), Sigmoid(), Dropout(0.7)),
    "maxout, dropout": lambda u: (Linear(u * PIECES, 0.5), Maxout(u, PIECES), Dropout(0.5)),
    "dropout": lambda u: (Dropout(0.8),),
    "logit": lambda u: (Linear(1, 0.5),),
    "dropout after linear": lambda u: (Linear(u, 0.5), Dropout(0.7)),  # has no kernel
}
EXACT = [kind for kind in SHAPES if "sigmoid" not in kind and kind != "logit"]


@cache
def backend():
    return FusedBackend(standin.CuPy())


def objective(name):
    """An objective of the device, with its own check for the losses."""
    return backend().objective(objectives.OBJECTIVES[name], backend().check())


def host(x):
    return backend().to_host(x)


class Pass:
    """One pass through a network of one block, on the host or on the device."""

    def __init__(self, kind, m, u, seed, masked=True, on_device=True, integers=False):
        rng, n = np.random.default_rng(seed), 5
        self.net = Network(n, SHAPES[kind](u))
        self.xp, self.put = (backend().xp, backend().asarray) if on_device else (np, lambda x: x)

        def draw(*shape):  # whole numbers, so that many are equal, or any numbers
            normal = rng.standard_normal(shape)
            return (np.rint(2 * normal) if integers else normal).astype(np.float32)

        theta = Parameters(self.net.shapes, self.put(draw(self.net.zeros().vector.size)))
        x, self.dy = self.put(draw(m, n)), self.put(draw(m, self.net.outputs))
        masks = [self.put(rng.random((m, w)) < keep) for w, keep in self.net.mask_sizes]
        self.net = backend().network(self.net) if on_device else self.net
        self.trace = self.net.trace(m, xp=self.xp)
        self.net.forward(theta, x, masks if masked else None, trace=self.trace)

    def outputs(self):
        """y of each layer that wrote one, then y of the network."""
        layers = zip(self.net.layers, self.trace.layers, strict=True)
        ys = [p.y for layer, p in layers if p.mask is not None or not isinstance(layer, Dropout)]
        return [np.array(y) if self.xp is np else host(y) for y in (*ys, self.trace.y)]

    def gradients(self, params=True, inputs=True):
        """{"dx", "linear1.W", "linear1.b"}, without those that are not requested."""
        out = self.net.zeros(xp=self.xp) if params else None
        dtheta, dx = self.net.backward(self.trace, self.dy, params=params, inputs=inputs, out=out)
        arrays = {"dx": dx, **dtheta}
        return {name: np.array(x) if self.xp is np else host(x) for name, x in arrays.items()}

    def da(self):
        """The gradient of the linear layer's output."""
        return host(self.trace.layers[1].dx if len(self.net.layers) > 1 else self.dy)


def sum_over_rows(a):
    """The sum of each column in a kernel's order: 8 parts of every eighth row, then the parts."""
    sums = []
    for column in a.T:
        parts = []
        for r in range(8):
            part = np.float32(0)
            for number in column[r::8]:
                part += number
            parts.append(part)
        total = parts[0]
        for part in parts[1:]:
            total += part
        sums.append(total)
    return np.array(sums, np.float32)


@pytest.mark.parametrize("kind", EXACT)
@given(ROWS, UNITS, SEEDS, st.booleans(), st.booleans())
def test_forward_leaves_the_bits_of_the_layers(kind, m, u, seed, masked, integers):
    device, expected = (Pass(kind, m, u, seed, masked, on, integers) for on in (True, False))
    for y, expected_y in zip(device.outputs(), expected.outputs(), strict=True):
        np.testing.assert_array_equal(y, expected_y)


@pytest.mark.parametrize("kind", EXACT)
@given(ROWS, UNITS, SEEDS, st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_backward_leaves_the_bits_of_the_layers(kind, m, u, seed, masked, integers, params, inputs):
    device, cpu = (Pass(kind, m, u, seed, masked, on, integers) for on in (True, False))
    actual, expected = (one.gradients(params, inputs) for one in (device, cpu))
    assert actual.keys() == expected.keys()
    for name in actual:
        if name == "linear1.b" and kind != "dropout after linear":
            np.testing.assert_array_equal(actual[name], sum_over_rows(device.da()))
            np.testing.assert_allclose(actual[name], expected[name], rtol=1e-4, atol=1e-4)
        else:
            np.testing.assert_array_equal(actual[name], expected[name], err_msg=name)


@pytest.mark.parametrize("kind", [kind for kind in SHAPES if kind.endswith("dropout")])
def test_dropout_without_a_mask_writes_nothing(kind):
    one = Pass(kind, 4, 5, 1, masked=False)
    with pytest.raises(MissedByCuPy, match="read before it was written"):
        host(one.trace.layers[-1].y)


def test_the_backward_pass_of_dropout_is_skipped_if_dx_is_not_requested():
    one = Pass("dropout", 4, 5, 1)
    with backend().xp.ledger.stretch() as stretch:
        one.net.backward(one.trace, one.dy, inputs=False)
    assert stretch.launches == []


def sigma(x):
    """1 / (1 + e^-x) in float64."""
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def near(x, expected, ulp):
    np.testing.assert_array_max_ulp(x, expected.astype(np.float32), ulp)


@given(ROWS, UNITS, SEEDS)
def test_a_sigmoid_is_right_to_two_units_in_the_last_place(m, u, seed):
    device, expected = (Pass("sigmoid", m, u, seed, on_device=on) for on in (True, False))
    a, y, _ = device.outputs()
    np.testing.assert_array_equal(a, expected.outputs()[0])
    near(y, sigma(a), 2)
    gradients = device.gradients()
    near(device.da(), host(device.dy) * sigma(a) * sigma(-a), 5)  # 2 for e, then 1 + e, ^2, /, *
    np.testing.assert_array_equal(gradients["linear1.b"], sum_over_rows(device.da()))
    x = host(device.trace.layers[0].x)
    np.testing.assert_array_equal(gradients["linear1.W"], x.T @ device.da())


@given(ROWS, UNITS, SEEDS)
def test_dropout_after_a_sigmoid_has_the_bits_of_dropout(m, u, seed):
    device = Pass("sigmoid, dropout", m, u, seed)
    _, y, h, _ = device.outputs()
    mask, scale = host(device.trace.layers[2].mask), np.float32(1 / 0.7)
    np.testing.assert_array_equal(h, y * mask * scale)
    gradients = device.gradients()
    a = host(device.trace.layers[0].y)
    near(device.da(), host(device.dy) * mask * scale * sigma(a) * sigma(-a), 6)
    np.testing.assert_array_equal(gradients["linear1.b"], sum_over_rows(device.da()))


EXP = """
extern "C" __global__ void exp_of(const float* a, float* e)
{
    e[threadIdx.x] = expf(-fabsf(a[threadIdx.x]));
}
"""


@given(SEEDS)
def test_after_its_exponential_a_sigmoid_has_the_bits_of_float32(seed):
    device, one = Pass("sigmoid", 1, 65, seed), np.float32(1)
    a, y, _ = device.outputs()
    e = backend().xp.empty(65, dtype=np.float32)
    module = backend().xp.RawModule(code=EXP, options=OPTIONS)
    module.get_function("exp_of")((1,), (65,), (backend().asarray(a[0]), e))
    e = host(e)
    np.testing.assert_array_equal(y[0], np.where(a[0] >= 0, one, e) / (one + e))
    device.gradients()
    np.testing.assert_array_equal(
        device.da()[0], host(device.dy)[0] * (e / ((one + e) * (one + e)))
    )


SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.0, 1e-30, -1e-30, 80.0, -80.0, 3e38, np.inf, -np.inf, np.nan], np.float32
)


@pytest.mark.parametrize("kind", ["relu", "sigmoid", "maxout"])
def test_extreme_numbers_come_out_as_on_the_host(kind):
    """x is 0, so that the inputs of the activation are the biases."""
    net = Network(1, SHAPES[kind](len(SPECIAL)))
    theta = net.zeros()
    theta["linear1.b"][: len(SPECIAL)] = SPECIAL
    others = theta["linear1.b"][len(SPECIAL) :]  # the other pieces of maxout
    others[...] = np.resize(SPECIAL[::-1], others.shape)
    x, xp = np.zeros((2, 1), np.float32), backend().xp
    expected = net.forward(theta, x).y
    on_device = Parameters(net.shapes, xp.asarray(theta.vector))
    device_net, trace = backend().network(net), net.trace(2, xp=xp)
    device_net.forward(on_device, xp.asarray(x), trace=trace)
    np.testing.assert_array_max_ulp(host(trace.y), expected, 2 if kind == "sigmoid" else 0)


@given(ROWS, st.sampled_from([1, 2, 31, 32, 33, 64, 100]), SEEDS, st.booleans(), st.booleans())
@example(2, 32, 0, True, True)  # the column of the bias is alone in a block of threads
@example(2, 64, 0, True, False)
@example(2, 32, 0, True, True)  # u is a multiple of the columns of one launch block
def test_a_logit_is_summed_in_one_order(m, n, seed, params, inputs):
    rng, xp = np.random.default_rng(seed), backend().xp
    net = backend().network(Network(n, (Linear(1, 0.5),)))
    w, b, x, da = (
        rng.standard_normal(shape).astype(np.float32) for shape in ((n, 1), 1, (m, n), (m, 1))
    )
    theta = Parameters(net.shapes, xp.asarray(np.concatenate([w[:, 0], b])))
    trace = net.forward(theta, xp.asarray(x), trace=net.trace(m, xp=xp))
    lanes = np.zeros((m, 32), np.float32)
    for j in range(n):
        lanes[:, j % 32] += x[:, j] * w[j]
    for half in (16, 8, 4, 2, 1):
        lanes = lanes[:, :half] + lanes[:, half : 2 * half]
    np.testing.assert_array_equal(host(trace.y), lanes + b)
    out = net.zeros(xp=xp) if params else None
    dtheta, dx = net.backward(trace, xp.asarray(da), params=params, inputs=inputs, out=out)
    if params:
        np.testing.assert_array_equal(host(dtheta["linear1.W"])[:, 0], sum_over_rows(x * da))
        np.testing.assert_array_equal(host(dtheta["linear1.b"]), sum_over_rows(da))
    if inputs:
        np.testing.assert_array_equal(host(dx), da * w[:, 0])
    else:
        with pytest.raises(MissedByCuPy, match="read before it was written"):
            host(trace.layers[0].dx)


def logits(m, seed, scale):
    """Logits of magnitude up to 80; beyond 87, e^-|a| is denormal, and 0 on the device."""
    a = scale * np.random.default_rng(seed).standard_normal((m, 1))
    return a.clip(-80, 80).astype(np.float32)


def softplus(a):
    """log(1 + e^a) in float64."""
    return np.logaddexp(0, a.astype(np.float64))


@given(st.integers(1, 600), SEEDS, st.sampled_from([0.1, 3.0, 40.0]), st.sampled_from([1.0, 0.5]))
@example(256, 0, 3.0, 1.0)
@example(257, 0, 3.0, 1.0)
def test_the_value_and_its_gradient(m, seed, scale, weight):
    a = logits(2 * m, seed, scale)
    out = backend().xp.empty(a.shape, dtype=np.float32)
    V = host(objective("minimax").value_with_gradient(backend().asarray(a), weight, out=out))
    near(host(out), weight * np.concatenate([sigma(-a[:m]), -sigma(a[m:])]) / m, 3)
    np.testing.assert_allclose(V, [-(softplus(-a[:m]) + softplus(a[m:])).mean()], rtol=2e-7)


def loss_of_one(name, a):
    """softplus on the device, in float32: the loss of G for one logit."""
    out = backend().xp.empty((1, 1), dtype=np.float32)
    loss = objective(name).loss_with_gradient(backend().asarray(a.reshape(1, 1)), out=out)
    return np.float64(host(loss)[0])


@given(SEEDS)
def test_the_losses_of_a_minibatch_are_added_in_float64(seed):
    a, m = logits(10, seed, 3.0), 5
    out = backend().xp.empty(a.shape, dtype=np.float32)
    V = host(objective("minimax").value_with_gradient(backend().asarray(a), 1.0, out=out))
    data_losses = [loss_of_one("non_saturating", number) for number in a[:m]]
    sample_losses = [-loss_of_one("minimax", number) for number in a[m:]]
    np.testing.assert_array_equal(V, [np.float32(-(sum(data_losses) + sum(sample_losses)) / m)])


@pytest.mark.parametrize("name", [one.name for one in objectives.PAPER])
@given(st.integers(1, 600), SEEDS, st.sampled_from([0.1, 3.0, 40.0]))
def test_the_loss_of_G_and_its_gradient(name, m, seed, scale):
    a = logits(m, seed, scale)
    sign = {"minimax": 1, "non_saturating": -1}[name]
    out = backend().xp.empty(a.shape, dtype=np.float32)
    loss = host(objective(name).loss_with_gradient(backend().asarray(a), out=out))
    near(host(out), -sigma(sign * a) / m, 3)
    np.testing.assert_allclose(loss, [-sign * softplus(sign * a).mean()], rtol=2e-7)


def test_a_custom_objective_runs_its_own_code():
    def gradient(a, *, out):
        out[...] = a * 2
        return out

    # The name "minimax" has a kernel, but the functions decide, not the name.
    custom = Objective("minimax", lambda a: (a * a).sum(), gradient, Equilibrium(0.0, 0.0, 0.5))
    out = backend().xp.empty((2, 1), dtype=np.float32)
    a = backend().asarray(np.array([[1], [3]], np.float32))
    adapted = backend().objective(custom, backend().check())
    assert host(adapted.loss_with_gradient(a, out=out)) == 10
    assert host(out).tolist() == [[2], [6]]


def test_a_custom_V_runs_its_own_code():
    def gradient(a_real, a_fake, *, out):
        out[0][...], out[1][...] = a_real * 2, a_fake * -1
        return out

    custom = replace(
        objectives.minimax, value=lambda real, fake: (real - fake).sum(), value_gradient=gradient
    )
    adapted = backend().objective(custom, backend().check())
    a = backend().asarray(np.array([[1], [3], [5], [8]], np.float32))
    out = backend().xp.empty((4, 1), dtype=np.float32)
    assert host(adapted.value_with_gradient(a, 0.5, out=out)) == -9
    assert host(out).tolist() == [[1], [3], [-2.5], [-4]]


@pytest.mark.parametrize("name", [one.name for one in objectives.PAPER])
def test_a_custom_gradient_of_a_loss_with_a_kernel_runs_its_own_code(name, monkeypatch):
    def gradient(a, *, out):
        out[...] = a * 2
        return out

    monkeypatch.setitem(sys.modules, "cupy", backend().xp)  # for `array_module`
    custom = replace(objectives.OBJECTIVES[name], loss_gradient=gradient)
    out = backend().xp.empty((2, 1), dtype=np.float32)
    a = np.array([[1], [3]], np.float32)
    adapted = backend().objective(custom, backend().check())
    loss = adapted.loss_with_gradient(backend().asarray(a), out=out)
    assert host(out).tolist() == [[2], [6]]
    assert host(loss) == pytest.approx(custom.loss(a))


def test_each_game_has_its_own_check():
    first, second = backend().check(), backend().check()
    first.loss("V", np.float32(np.nan))
    second.flush()
    with pytest.raises(DeferredNotFiniteError, match="V was nan"):
        first.flush()


ETAS = st.sampled_from([0.1, -0.1, 1e-6, 3.0])


@given(st.sampled_from([1, 255, 256, 257, 1000]), SEEDS, ETAS, st.sampled_from([0, 0.5, 0.7]))
def test_descent_has_the_bits_of_numpy(size, seed, eta, mu):
    rng, xp = np.random.default_rng(seed), backend().xp
    theta, g, v = rng.standard_normal((3, size)).astype(np.float32)
    shapes = {"a": (size,)}
    device_theta, device_g = (Parameters(shapes, xp.asarray(x)) for x in (theta, g))
    momentum = Momentum(device_theta, Constant(abs(eta)), Constant(mu))
    momentum.v[...] = xp.asarray(v)
    optimizer, version = backend().optimizer(momentum), device_theta.version
    (optimizer.descend if eta > 0 else optimizer.ascend)(device_g)
    assert (device_theta.version, optimizer.updates) == (version + 1, 1)
    expected = Parameters(shapes, theta)
    optimizers.descend(expected, Parameters(shapes, g), v, eta=eta, mu=mu)
    np.testing.assert_array_equal(host(device_theta.vector), expected.vector)
    np.testing.assert_array_equal(host(optimizer.state()["v"]), v)


def test_an_adapted_optimizer_continues_with_its_count_and_velocity():
    xp, shapes = backend().xp, {"a": (1,)}
    theta, g = (Parameters(shapes, xp.asarray(np.ones(1, np.float32))) for _ in range(2))
    momentum = Momentum(theta, ExponentialDecay(1.0, 2.0), Constant(0.5), updates=3)
    momentum.v[...] = 4
    optimizer = backend().optimizer(momentum)
    optimizer.ascend(g)  # eta(3) = 1/8: v = 4/2 + 1/8, theta = 1 + v
    assert optimizer.updates == 4
    assert host(optimizer.state()["v"]) == 2.125
    assert host(theta.vector) == 3.125


def test_a_custom_optimizer_runs_its_own_code():
    class Twice(Momentum):
        """A subclass of Momentum, for which there is no kernel."""

    optimizer = Twice(Network(2, (Linear(1, 0.5),)).zeros(), Constant(0.1), Constant(0.5))
    assert backend().optimizer(optimizer) is optimizer


def test_a_block_has_one_kernel_in_addition_to_its_products():
    with backend().xp.ledger.stretch() as stretch:
        one = Pass("maxout, dropout", 4, 5, 1)
    assert stretch.launches == ["product", "bias_maxout"]
    with backend().xp.ledger.stretch() as stretch:
        one.gradients()
    names = [name for name in stretch.launches if "product" in name or "maxout" in name]
    assert names == ["maxout_backward", "product", "product"]
