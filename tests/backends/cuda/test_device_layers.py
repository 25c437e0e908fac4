"""The layers with kernels of their own have the bits of the generic code, and few launches.

As in test_fused.py, the kernels run in the interpreter of tests/tools/softgpu, and NumPy computes
the matrix products of both. tests/layers compares the generic code with slow loops and PyTorch.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_images import places, pooling, windows
from softgpu import standin

from minigan.backends.cuda.device_layers import DeviceMaxout, DeviceScratch
from minigan.backends.cuda.fused import FusedBackend
from minigan.layers import Convolution, Deconvolution, Layer, Maxout, MaxPooling, Windows, patches
from minigan.layers.patches import Scratch
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.trace import LayerTrace

pytestmark = pytest.mark.cupy

SEEDS, SIZES = st.integers(0, 2**32 - 1), st.integers(1, 3)
SIX = Windows(6, 5, 3, 2, 1)
LAYERS: dict[str, tuple[int, Layer]] = {
    "convolution": (6 * 5 * 2, Convolution(SIX, 4, 0.5)),
    "deconvolution": (SIX.positions * 3, Deconvolution(SIX, 2, 0.5)),
    "tied deconvolution": (SIX.positions * 3, Deconvolution(SIX, 2, 0.5, tied=True)),
    "pooling": (6 * 5 * 2, MaxPooling(Windows(6, 5, 3, 2))),
}


@cache
def backend() -> FusedBackend:
    return FusedBackend(standin.CuPy())


@pytest.fixture(autouse=True)
def _cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layers find the module of an array of the device."""
    monkeypatch.setitem(sys.modules, "cupy", backend().xp)


def scratches(w: Windows, m: int, C: int) -> tuple[DeviceScratch, Scratch]:
    """The scratch memory of the device, and that of the generic code."""
    sizes = w, m, C, 1, np.float32
    return DeviceScratch(backend()._launch, backend().xp, *sizes), Scratch(np, *sizes)


def normal(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES)
def test_P_has_the_pixels_under_each_window_and_zeros_outside(
    seed: int, w: Windows, m: int, C: int
) -> None:
    x = normal(seed, m, w.height * w.width * C)
    expected = np.zeros((w.size, w.size, C, m, w.rows, w.columns), np.float32)
    for pq, uv, hw in places(w):
        expected[*uv, :, :, *pq] = x.reshape(m, w.height, w.width, C)[:, *hw].T
    P = scratches(w, m, C)[0].unfold(backend().asarray(x))
    np.testing.assert_array_equal(backend().to_host(P), expected.reshape(P.shape))


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES)
def test_fold_has_the_bits_of_the_generic_code(seed: int, w: Windows, m: int, C: int) -> None:
    device, generic = scratches(w, m, C)
    P = normal(seed, w.size**2 * C, m * w.positions)
    folded = backend().xp.empty((m, w.height * w.width * C), dtype=np.float32)
    device.fold(backend().asarray(P), out=folded)
    expected = generic.fold(P, out=np.empty(folded.shape, np.float32))
    np.testing.assert_array_equal(backend().to_host(folded), expected)


def run(
    name: str, layer: Layer, n: int, x: Any, dy: Any, params: bool = True, inputs: bool = True
) -> tuple[dict[str, Any], list[str]]:
    """y, dx and the gradients of a layer on the device, and the launches of both passes."""
    net = Network(n, (layer,))
    start, put = net.initial(1, name), backend().asarray
    theta = Parameters(net.shapes, put(start.vector))
    fused = backend().network(net)
    trace = fused.trace(len(x), xp=backend().xp)
    x, dy = put(x), put(dy)
    with backend().xp.ledger.stretch() as stretch:
        fused.forward(theta, x, trace=trace)
        dtheta, dx = fused.backward(
            trace,
            dy,
            params=params,
            inputs=inputs,
            out=fused.zeros(xp=backend().xp) if params else None,
        )
    arrays = {"y": trace.y, "dx": dx, **dtheta}
    return {key: backend().to_host(value) for key, value in arrays.items()}, stretch.launches


def on_host(
    name: str, layer: Layer, n: int, x: Any, dy: Any, params: bool = True, inputs: bool = True
) -> dict[str, Any]:
    net = Network(n, (layer,))
    trace = net.forward(net.initial(1, name), x)
    dtheta, dx = net.backward(trace, dy, params=params, inputs=inputs)
    return {"y": trace.y, "dx": dx, **dtheta}


@pytest.mark.parametrize(("params", "inputs"), [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_the_numbers_of_the_generic_code(name: str, params: bool, inputs: bool) -> None:
    n, layer = LAYERS[name]
    x, dy = normal(1, 3, n), normal(2, 3, layer.width(n))
    actual, _ = run(name, layer, n, x, dy, params, inputs)
    expected = on_host(name, layer, n, x, dy, params, inputs)
    assert actual.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(actual[key], value, rtol=1e-5, atol=1e-6, err_msg=key)


LAUNCHES = {
    "convolution": ["unfold", "unfold", "fold"],
    "deconvolution": ["fold", "unfold", "unfold"],
    "tied deconvolution": ["fold", "unfold", "unfold"],
    "pooling": ["pool", "pool_backward"],
}


@pytest.mark.parametrize("name", LAYERS)
def test_each_chunk_is_unfolded_or_folded_by_one_launch(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With memory for one image at a time, each of the three images has launches of its own."""
    n, layer = LAYERS[name]
    x, dy = normal(1, 3, n), normal(2, 3, layer.width(n))
    whole, launches = run(name, layer, n, x, dy)
    kernels = set(LAUNCHES[name])
    assert [one for one in launches if one in kernels] == LAUNCHES[name]
    monkeypatch.setattr(patches, "SCRATCH_OF_DEVICE", 1)
    parts, launches = run(name, layer, n, x, dy)
    times = 1 if name == "pooling" else 3
    expected = [one for one in LAUNCHES[name] for _ in range(times)]
    assert [one for one in launches if one in kernels] == expected
    for key in ("y", "dx"):
        np.testing.assert_allclose(parts[key], whole[key], rtol=1e-6, atol=1e-6)


@given(seed=SEEDS, w=windows(padded=False), m=SIZES, C=SIZES, whole=st.booleans())
def test_pooling_is_that_of_a_slow_loop(seed: int, w: Windows, m: int, C: int, whole: bool) -> None:
    """Whole numbers: many windows have their maximum in several places."""
    rng, n = np.random.default_rng(seed), w.height * w.width * C
    x = rng.standard_normal((m, n))
    x = (np.rint(x) if whole else x).astype(np.float32)
    dy = rng.integers(-9, 10, (m, w.positions * C)).astype(np.float32)  # their sums are exact
    layer = MaxPooling(w)
    actual, launches = run("pooling", layer, n, x, dy)
    assert launches == ["pool", "pool_backward"]
    y, dx = pooling(x, dy, w)
    np.testing.assert_array_equal(actual["y"], y)
    np.testing.assert_array_equal(actual["dx"], dx)


@given(seed=SEEDS, w=windows(padded=False))
def test_the_backward_pass_of_pooling_has_the_bits_of_the_generic_code(
    seed: int, w: Windows
) -> None:
    n = w.height * w.width
    x, dy = normal(seed, 2, n), normal(seed + 1, 2, w.positions)
    actual, _ = run("pooling", MaxPooling(w), n, x, dy)
    np.testing.assert_array_equal(actual["dx"], on_host("pooling", MaxPooling(w), n, x, dy)["dx"])


def test_nan_is_the_maximum_of_a_window_and_gets_no_gradient() -> None:
    x = np.array([[1, np.nan, 2, 3]], np.float32)  # windows of two pixels: (1, nan), (2, 3)
    w = Windows(2, 2, 2)
    actual, _ = run("pooling", MaxPooling(w), 4, x, np.ones((1, 1), np.float32))
    assert np.isnan(actual["y"]).all()
    assert actual["dx"].tolist() == [[0, 0, 0, 0]]


@given(st.sampled_from([1, 7, 9]), st.sampled_from([2, 33]), SEEDS, st.booleans())
def test_maxout_alone_has_the_bits_of_its_layer_in_the_passes_of_a_penalty(
    m: int, u: int, seed: int, whole: bool
) -> None:
    pieces = 3
    x, q = normal(seed, m, pieces * u), normal(seed + 1, m, pieces * u)
    x = np.rint(x) if whole else x
    dy, net = normal(seed + 2, m, u), Network(pieces * u, (Maxout(u, pieces),))
    (device,) = backend().network(net).one_by_one
    assert isinstance(device, DeviceMaxout)
    y = net.forward(net.zeros(), x).y
    found = []
    for layer, of in ((net.layers[0], np.array), (device, backend().asarray)):
        trace = LayerTrace(of(x), of(y), of(np.empty_like(x)))
        found += [layer.tangent({}, trace, of(q)), layer.backward_input({}, trace, of(dy))]
    np.testing.assert_array_equal(backend().to_host(found[2]), found[0])
    np.testing.assert_array_equal(backend().to_host(found[3]), found[1])
