"""Both update orders compared with PyTorch: 20 iterations in float64, tensor by tensor.

The PyTorch side has its own networks, its own loop, gradients by autograd, and `torch.optim.SGD`.
The formulas of the schedules are written out here. Data, noise and masks come from NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import tiny

from minigan import objectives
from minigan.algorithm_1 import algorithm1, simultaneous
from minigan.game import Game
from minigan.layers import (
    ChannelMaxout,
    Convolution,
    Deconvolution,
    Dropout,
    Linear,
    Maxout,
    MaxPooling,
    ReLU,
    Sigmoid,
    Windows,
)
from minigan.network import Network
from minigan.objectives import penalties
from minigan.objectives.penalties import WGANGP
from minigan.optimizers import Adam, Momentum, RMSProp
from minigan.parameters import Parameters
from minigan.schedules import Constant, ExponentialDecay, LinearRamp
from minigan.training.networks import build_D, build_G

Z, N, M, ITERATIONS = 5, 9, 8, 20
G = Network(Z, (Linear(12, 0.5), ReLU(), Linear(12, 0.5), ReLU(), Linear(N, 0.5), Sigmoid()))
D = Network(
    N,
    (
        *(Dropout(0.8), Linear(20, 0.5), Maxout(5, 4)),
        *(Dropout(0.5), Linear(20, 0.5), Maxout(5, 4)),
        *(Dropout(0.5), Linear(1, 0.5)),
    ),
)

# An update adds rounding errors of a few 1e-16 times the largest entry of a tensor, and each
# later update carries them on. The largest difference in the cases below is 4e-15. The bound
# leaves a factor 25 for other BLAS libraries and thread counts.
TOLERANCE = 1e-13


class NumPyDraws:
    """x uniform on [0, 1), z ~ N(0, 1), and masks, from NumPy's default generator."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def _rng(self, kind: int, step: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, kind, step])

    def data(self, step: int, *, out: Any = None) -> Any:
        return self._rng(0, step).random((M, N))

    def noise(self, player: str, step: int) -> Any:
        return self._rng("DG".index(player) + 1, step).standard_normal((M, Z))

    def masks(self, player: str, step: int, rows: int) -> list[Any]:
        rng = self._rng("DG".index(player) + 3, step)
        return [rng.random((rows, width)) < keep for width, keep in ((N, 0.8), (5, 0.5), (5, 0.5))]


@dataclass(frozen=True)
class Rates:
    """Learning rate and momentum of both players: minigan's schedules, and the same as formulas."""

    eta_d: Any
    eta_g: Any
    mu: Any
    eta_d_of: Callable[[int], float]
    eta_g_of: Callable[[int], float]
    mu_of: Callable[[int], float]


CONSTANT = Rates(
    *(Constant(0.2), Constant(0.1), Constant(0.5)),
    eta_d_of=lambda t: 0.2,
    eta_g_of=lambda t: 0.1,
    mu_of=lambda t: 0.5,
)
# The rates fall to their floors and the momentum reaches its final value within 20 updates; the
# momentum is constant in epochs of 4 updates and rises from epoch 2 to epoch 4.
CHANGING = Rates(
    ExponentialDecay(0.3, 1.1, 0.1),
    ExponentialDecay(0.2, 1.05, 0.1),
    LinearRamp(0.5, 0.8, 2, 4, updates_per_epoch=4),
    eta_d_of=lambda t: max(0.3 / 1.1**t, 0.1),
    eta_g_of=lambda t: max(0.2 / 1.05**t, 0.1),
    mu_of=lambda t: (0.5, 0.5, 0.65)[t // 4] if t < 12 else 0.8,
)


class TorchGame:
    """The same networks and both update orders, with torch.autograd and torch.optim.SGD."""

    def __init__(
        self, thetas: dict[str, Any], draws: NumPyDraws, objective: str, rates: Rates
    ) -> None:
        import torch

        self.torch, self.draws, self.objective, self.rates = torch, draws, objective, rates
        self.theta = {
            player: {name: torch.tensor(a, requires_grad=True) for name, a in theta.items()}
            for player, theta in thetas.items()
        }
        # torch: buf <- momentum buf + grad; theta <- theta - lr buf. With lr = 1 and the gradient
        # times eta it is the paper's rule, v = -buf, and eta may change between updates.
        self.optimizer = {
            player: torch.optim.SGD(theta.values(), lr=1.0, momentum=0.5)
            for player, theta in self.theta.items()
        }
        self.updates = {"G": 0, "D": 0}

    def G(self, z: Any) -> Any:
        W1, b1, W2, b2, W3, b3 = self.theta["G"].values()
        h = self.torch.relu(self.torch.tensor(z) @ W1 + b1)
        return self.torch.sigmoid(self.torch.relu(h @ W2 + b2) @ W3 + b3)

    def logit(self, x: Any, masks: list[Any]) -> Any:
        W1, b1, W2, b2, W3, b3 = self.theta["D"].values()
        kept_0, kept_1, kept_2 = (self.torch.tensor(mask) for mask in masks)
        h = (x * kept_0 / 0.8) @ W1 + b1
        h = h.reshape(-1, 4, 5).amax(dim=1)  # 4 pieces of 5 units
        h = (h * kept_1 / 0.5) @ W2 + b2
        h = h.reshape(-1, 4, 5).amax(dim=1)
        return (h * kept_2 / 0.5) @ W3 + b3

    def V(self, real: Any, fake: Any) -> Any:
        log_sigmoid = self.torch.nn.functional.logsigmoid
        if self.objective == "relativistic":
            return -self.torch.nn.functional.softplus(fake - real).mean()
        return log_sigmoid(real).mean() + log_sigmoid(-fake).mean()  # log(1 - D) for samples

    def loss_of_G(self, fake: Any, real: Any) -> Any:
        log_sigmoid = self.torch.nn.functional.logsigmoid
        if self.objective == "relativistic":
            return self.torch.nn.functional.softplus(real - fake).mean()
        minimax = self.objective == "minimax"
        return log_sigmoid(-fake).mean() if minimax else -log_sigmoid(fake).mean()

    def gradients(self, player: str, cost: Any) -> Any:
        return self.torch.autograd.grad(cost, list(self.theta[player].values()), retain_graph=True)

    def update(self, player: str, gradients: Any) -> None:
        t = self.updates[player]
        eta = (self.rates.eta_d_of if player == "D" else self.rates.eta_g_of)(t)
        for tensor, gradient in zip(self.theta[player].values(), gradients, strict=True):
            tensor.grad = eta * gradient
        self.optimizer[player].param_groups[0]["momentum"] = self.rates.mu_of(t)
        self.optimizer[player].step()
        self.updates[player] += 1

    def algorithm1(self, t: int, k: int, g_steps: int) -> list[Any]:
        for i in range(k):
            step = k * t + i
            z, x = self.draws.noise("D", step), self.torch.tensor(self.draws.data(step))
            both = self.torch.cat([x, self.G(z)])
            a = self.logit(both, self.draws.masks("D", step, 2 * M))
            self.update("D", self.gradients("D", -self.V(a[:M], a[M:])))
        for i in range(g_steps):
            step = g_steps * t + i
            samples = self.G(self.draws.noise("G", step))
            if self.objective == "relativistic":  # with the last minibatch of the data
                masks = self.draws.masks("G", step, 2 * M)
                paired, fake = self.logit(self.torch.cat([x, samples]), masks).split(M)
            else:
                paired, fake = a[:M], self.logit(samples, self.draws.masks("G", step, M))
            self.update("G", self.gradients("G", self.loss_of_G(fake, paired)))
        return [a[:M], a[M:], fake, paired]

    def simultaneous(self, t: int) -> list[Any]:
        x, samples = self.torch.tensor(self.draws.data(t)), self.G(self.draws.noise("D", t))
        a = self.logit(self.torch.cat([x, samples]), self.draws.masks("D", t, 2 * M))
        of_D = self.gradients("D", -self.V(a[:M], a[M:]) / 2)
        of_G = self.gradients("G", self.loss_of_G(a[M:], a[:M]))
        self.update("D", of_D)
        self.update("G", of_G)
        return [a[:M], a[M:], a[M:], a[:M]]


class Comparison:
    """Compares tensors by name, relative to the largest entry that a tensor has had so far.

    (A velocity can pass through 0 with the rounding errors of the larger values before.)
    """

    def __init__(self) -> None:
        self.largest: dict[str, float] = {}

    def assert_close(self, name: str, t: int, found: Any, expected: Any) -> None:
        expected = expected.detach().numpy()
        self.largest[name] = max(self.largest.get(name, 0.0), abs(expected).max())
        error = abs(found - expected).max() / self.largest[name]
        assert error <= TOLERANCE, f"{name} after iteration {t}: {error:.1e}"


def compare(
    order: Any, seed: int, objective: str, rates: Rates, k: int, g_steps: int, weight: float
) -> None:
    """Run both sides and compare every tensor, velocity and logit after every iteration."""
    draws = NumPyDraws(seed)
    theta_g, theta_d = G.zeros(np.float64), D.zeros(np.float64)
    for i, theta in enumerate((theta_g, theta_d)):
        # Biases too: with biases of 0 and a hidden row that dropout sets to 0, maxout's pieces tie.
        theta.assign(np.random.default_rng([seed, 9, i]).uniform(-0.5, 0.5, theta.vector.size))
    peer = TorchGame({"G": theta_g, "D": theta_d}, draws, objective, rates)
    players = {
        "G": Momentum(theta_g, rates.eta_g, rates.mu),
        "D": Momentum(theta_d, rates.eta_d, rates.mu),
    }
    game = Game(
        *(G, D, players["G"], players["D"], draws, objectives.OBJECTIVES[objective], M),
        k=k,
        g_steps=g_steps,
        weight_of_V=weight,
    )
    comparison = Comparison()
    if objectives.OBJECTIVES[objective].pairs:  # the gradient of this bias is 0, up to rounding
        comparison.largest["v of D's linear3.b"] = 1.0
    for t in range(ITERATIONS):
        logits = order(game, t)
        paper = order is algorithm1
        expected = peer.algorithm1(t, k, g_steps) if paper else peer.simultaneous(t)
        for name, found, a in zip(logits._fields, logits, expected, strict=True):
            comparison.assert_close(f"logits {name}", t, found, a)
        for player, momentum in players.items():
            starts = np.cumsum([0] + [a.size for a in momentum.theta.values()])
            for i, (name, tensor) in enumerate(momentum.theta.items()):
                theta = peer.theta[player][name]
                comparison.assert_close(f"{player}'s {name}", t, tensor, theta)
                v = momentum.v[starts[i] : starts[i + 1]].reshape(tensor.shape)
                buffer = peer.optimizer[player].state[theta]["momentum_buffer"]
                comparison.assert_close(f"v of {player}'s {name}", t, v, -buffer)
    counts = (ITERATIONS * k, ITERATIONS * g_steps) if order is algorithm1 else (ITERATIONS,) * 2
    assert (players["D"].updates, players["G"].updates) == counts


@pytest.fixture
def one_thread() -> Iterator[None]:
    """One thread for PyTorch: with more, these small products take ten times as long."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.oracle
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("seed", range(5))
def test_the_layers_for_images_equal_those_of_pytorch(seed: int) -> None:
    import torch

    network = Network(
        4 * 5 * 6,
        (
            *(Deconvolution(Windows(11, 14, 5, 3, 1), 2, 0.5), ReLU()),
            *(Convolution(Windows(11, 14, 4, 2, 3), 6, 0.5), ChannelMaxout(3, 2)),
            *(MaxPooling(Windows(8, 9, 3, 2)), Linear(1, 0.5)),
        ),
    )
    rng = np.random.default_rng(seed)
    theta = network.zeros(np.float64)
    theta.assign(rng.uniform(-0.5, 0.5, theta.vector.size))
    x, dy = rng.standard_normal((3, network.inputs)), rng.standard_normal((3, 1))
    trace = network.forward(theta, x)
    dtheta, dx = network.backward(trace, dy)

    W0, b0, W1, b1, W2, b2 = (torch.tensor(a, requires_grad=True) for a in theta.values())
    inputs = torch.tensor(x, requires_grad=True)
    functional = torch.nn.functional
    h = inputs.reshape(3, 4, 5, 6).permute(0, 3, 1, 2)
    h = functional.conv_transpose2d(h, W0.permute(3, 2, 0, 1), stride=3)  # 14 x 17
    h = h[:, :, 1:12, 1:15] + b0.reshape(11, 14, 2).permute(2, 0, 1)  # the last line is cut too
    h = functional.pad(torch.relu(h), (3, 3, 3, 4))  # one line more: positions are rounded up
    h = functional.conv2d(h, W1.permute(3, 2, 0, 1), b1, stride=2)
    h = functional.max_pool2d(torch.maximum(h[:, :3], h[:, 3:]), 3, 2, ceil_mode=True)
    y = h.permute(0, 2, 3, 1).reshape(3, -1) @ W2 + b2
    y.backward(torch.tensor(dy))
    comparison = Comparison()
    comparison.assert_close("y", 0, trace.y, y)
    comparison.assert_close("dx", 0, dx, inputs.grad)
    for (name, found), expected in zip(dtheta.items(), (W0, b0, W1, b1, W2, b2), strict=True):
        comparison.assert_close(name, 0, found, expected.grad)


@pytest.mark.oracle
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("seed", range(3))
def test_a_step_of_the_conditional_game_equals_that_of_pytorch(seed: int) -> None:
    import torch

    m, size, n, classes = 4, 3, 5, 2
    changes = {"generator__class_units": 4, "discriminator__class_units": 3}
    recipe = tiny.recipe(**changes)
    G = build_G(recipe.generator, size, n, classes=classes)
    D = build_D(recipe.discriminator, n, classes=classes)
    rng = np.random.default_rng(seed)
    theta_g, theta_d = G.zeros(np.float64), D.zeros(np.float64)
    for theta in (theta_g, theta_d):
        theta.assign(rng.uniform(-1, 1, theta.vector.size))
    z, x = rng.standard_normal((m, size)), rng.random((m, n))
    c, c_of_x = (np.eye(classes)[rng.integers(classes, size=m)] for _ in range(2))
    masks = [rng.random((2 * m, width)) < 0.7 for width, _ in D.mask_sizes]
    g = G.forward(theta_g, np.hstack([z, c]))
    both = D.forward(theta_d, np.vstack([np.hstack([x, c_of_x]), g.y]), masks)
    da = rng.standard_normal(both.y.shape)
    dtheta_d, dx = D.backward(both, da)
    dtheta_g, _ = G.backward(g, dx[m:])

    g_parts = [torch.tensor(a, requires_grad=True) for a in theta_g.values()]
    d_parts = [torch.tensor(a, requires_grad=True) for a in theta_d.values()]
    Wz, bz, Wc, bc, W2, b2, W3, b3 = g_parts
    zt, ct = torch.tensor(z), torch.tensor(c)
    h = torch.cat([torch.relu(zt @ Wz + bz), torch.relu(ct @ Wc + bc)], dim=1)
    samples = torch.sigmoid(torch.relu(h @ W2 + b2) @ W3 + b3)
    Vx, ax, Vc, ac, V2, a2, V3, a3 = d_parts
    kept = [torch.tensor(mask.astype(float)) for mask in masks]
    images = torch.cat([torch.tensor(x), samples]) * kept[0][:, :n] / 0.8
    labels = torch.cat([torch.tensor(c_of_x), ct])
    of_x = (images @ Vx + ax).reshape(2 * m, 2, 4).amax(dim=1)
    of_c = (labels @ Vc + ac).reshape(2 * m, 2, 3).amax(dim=1)
    joined = torch.cat([of_x, of_c], dim=1) * kept[1] / 0.5
    hidden = (joined @ V2 + a2).reshape(2 * m, 2, 3).amax(dim=1) * kept[2] / 0.5
    logits = hidden @ V3 + a3
    logits.backward(torch.tensor(da))
    comparison = Comparison()
    comparison.assert_close("logits", 0, both.y, logits)
    np.testing.assert_array_equal(g.y[:, n:], c)
    for gradients, parts in ((dtheta_g, g_parts), (dtheta_d, d_parts)):
        for (name, found), expected in zip(gradients.items(), parts, strict=True):
            comparison.assert_close(name, 0, found, expected.grad)


@pytest.mark.oracle
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("objective", ["minimax", "non_saturating"])
@pytest.mark.parametrize("rates", [CONSTANT, CHANGING], ids=["constant", "changing"])
@pytest.mark.parametrize(("k", "g_steps"), [(1, 1), (2, 1), (3, 1), (1, 2)])
def test_20_iterations_of_algorithm_1_equal_those_of_pytorch(
    k: int, g_steps: int, rates: Rates, objective: str, seed: int
) -> None:
    compare(algorithm1, seed, objective, rates, k, g_steps, weight=1.0)


@pytest.mark.oracle
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("objective", ["minimax", "non_saturating"])
@pytest.mark.parametrize("rates", [CONSTANT, CHANGING], ids=["constant", "changing"])
def test_20_simultaneous_iterations_equal_those_of_pytorch(
    rates: Rates, objective: str, seed: int
) -> None:
    compare(simultaneous, seed, objective, rates, k=1, g_steps=1, weight=0.5)


@pytest.mark.oracle
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("rates", [CONSTANT, CHANGING], ids=["constant", "changing"])
@pytest.mark.parametrize(("order", "k", "g_steps"), [(algorithm1, 2, 2), (simultaneous, 1, 1)])
def test_20_iterations_with_pairs_equal_those_of_pytorch(
    order: Any, k: int, g_steps: int, rates: Rates
) -> None:
    weight = 1.0 if order is algorithm1 else 0.5
    compare(order, 0, "relativistic", rates, k, g_steps, weight)


@pytest.mark.oracle
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize(
    ("name", "objective"),
    [*((one, "minimax") for one in ("R1", "R2", "R1R2", "WGANGP")), ("R1R2", "relativistic")],
)
def test_the_gradient_of_V_minus_a_penalty_equals_the_double_backward_of_pytorch(
    name: str, objective: str
) -> None:
    import torch

    draws, theta_d = NumPyDraws(0), D.zeros(np.float64)
    theta_d.assign(np.random.default_rng([0, 9, 1]).uniform(-0.5, 0.5, theta_d.vector.size))
    peer = TorchGame({"G": G.zeros(np.float64), "D": theta_d}, draws, objective, CONSTANT)
    samples = draws._rng(7, 0).random((M, N))
    batch, masks = np.concatenate([draws.data(0), samples]), draws.masks("D", 0, 2 * M)
    penalty = WGANGP(0.6, seed=2) if name == "WGANGP" else getattr(penalties, name)(0.6)
    both, out = D.forward(theta_d, batch, masks), D.zeros(np.float64)
    chosen = objectives.OBJECTIVES[objective]
    da = np.concatenate(chosen.value_gradient(both.y[:M], both.y[M:]))
    P = penalty.backward(D, both, da, 3, out=out)

    x = penalty.x_hat(batch, 3) if isinstance(penalty, WGANGP) else batch
    x, kept = torch.tensor(x, requires_grad=True), [mask[: len(x)] for mask in masks]
    g = torch.autograd.grad(peer.logit(x, kept).sum(), x, create_graph=True)[0]
    rows = {"R1": g[:M], "R2": g[M:], "R1R2": g, "WGANGP": g}[name]
    if name == "WGANGP":
        expected_P = 0.6 * ((rows.norm(dim=1) - 1) ** 2).mean()
    else:
        expected_P = 0.3 * rows.square().sum() / M
    a = peer.logit(torch.tensor(batch), masks)
    expected = peer.gradients("D", peer.V(a[:M], a[M:]) - expected_P)
    assert pytest.approx(expected_P.item(), rel=1e-12) == P
    for tensor, gradient in zip(out.values(), expected, strict=True):
        np.testing.assert_allclose(tensor, gradient.numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.oracle
@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("kind", ["adam", "rmsprop"])
def test_50_updates_of_adam_and_rmsprop_equal_those_of_pytorch(kind: str, up: bool) -> None:
    import torch

    rng = np.random.default_rng(4)
    theta = Parameters({"w": (5,)}, rng.standard_normal(5))
    w = torch.tensor(theta.vector.copy(), requires_grad=True)
    ours: Adam | RMSProp = Adam(theta, Constant(0.01), 0.5, 0.9, 1e-3)
    theirs = torch.optim.Adam([w], lr=0.01, betas=(0.5, 0.9), eps=1e-3, maximize=up)
    if kind == "rmsprop":
        ours = RMSProp(theta, Constant(0.01), 0.9, 1e-3)
        theirs = torch.optim.RMSprop([w], lr=0.01, alpha=0.9, eps=1e-3, maximize=up)
    for _ in range(50):
        g = rng.standard_normal(5) * np.array([1e-4, 0.1, 1, 10, 0])
        w.grad = torch.tensor(g)
        theirs.step()
        (ours.ascend if up else ours.descend)(Parameters({"w": (5,)}, g))
        np.testing.assert_allclose(theta.vector, w.detach().numpy(), rtol=1e-12)
