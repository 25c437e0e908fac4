"""The same iteration in JAX: one jitted function with donated buffers.

JAX computes the gradients. Random numbers come from JAX's default generator (threefry; on a CPU it
is faster than "rbg"), with keys split inside the jitted function. A mask uses 16 random bits per
entry, as in minigan, taken from 32-bit words: this is several times faster than
`jax.random.bernoulli`. Maxout is a chain of `maximum`, twice as fast as a reshape and `max`. The
jitted function also computes eta and mu from the number of updates.
"""

from __future__ import annotations

import math
from functools import partial, reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from peers.task import Settings, Task

VERSION = f"jax {jax.__version__}"


class Peer:
    """The state of a game in JAX; `iterate(drawn)` runs the next iteration."""

    def __init__(self, task: Task, device: str = "cpu") -> None:
        """Uses the default device of JAX. Raises RuntimeError if that is not `device`."""
        if (jax.default_backend() == "gpu") != (device == "cuda"):
            raise RuntimeError(f"JAX runs on {jax.default_backend()} here, not on {device}")
        jax.config.update("jax_default_matmul_precision", "highest")  # otherwise a GPU uses TF32
        self.task = task
        self.pixels = jnp.asarray(task.pixels)
        self.draws = [
            jax.tree.map(
                jnp.asarray,
                {
                    "x": task.x[i],
                    "z": {player: z[i] for player, z in task.z.items()},
                    "masks": {p: [mask[i] for mask in masks] for p, masks in task.masks.items()},
                },
            )
            for i in range(task.settings.cycle)
        ]
        step = partial(iterate, task.settings)
        self.fixed = jax.jit(step, donate_argnums=0)
        self.drawn = jax.jit(
            lambda state, pixels, key: step(
                state,
                draw(
                    task.settings,
                    len(task.pixels),
                    task,
                    pixels,
                    jax.random.fold_in(key, state["t"]),
                ),
            ),
            donate_argnums=0,
        )
        self.restart()

    def restart(self, amplified: float = 1.0) -> None:
        """Go back to the initial theta, with theta_d multiplied by `amplified`."""
        theta_d = [amplified * part for part in self.task.theta_d]
        theta = {"g": self.task.theta_g, "d": theta_d}
        theta = jax.tree.map(jnp.array, theta)
        self.state = {"theta": theta, "v": jax.tree.map(jnp.zeros_like, theta), "t": jnp.array(0)}
        self.t, self.key = 0, jax.random.key(1)

    def iterate(self, drawn: bool) -> None:
        """Start the next iteration; it may be unfinished when this returns."""
        if drawn:
            self.state = self.drawn(self.state, self.pixels, self.key)
        else:
            self.state = self.fixed(self.state, self.draws[self.t % len(self.draws)])
        self.t += 1

    def wait(self) -> None:
        """Wait until all iterations are finished."""
        jax.block_until_ready(self.state)

    def theta(self) -> np.ndarray[Any, Any]:
        """theta_g and theta_d as one vector."""
        parts = [*self.state["theta"]["g"], *self.state["theta"]["d"]]
        return np.concatenate([np.asarray(part).ravel() for part in parts])


def G(s: Settings, theta: list[Any], z: Any) -> Any:
    """Samples (m, n)."""
    return run(s.G, theta, z, [])


def D(s: Settings, theta: list[Any], x: Any, masks: list[Any]) -> Any:
    """Logits (m, 1)."""
    return run(s.D, theta, x, masks)


def run(layers: list[list[Any]], theta: list[Any], x: Any, masks: list[Any]) -> Any:
    """The layers in order, with one boolean mask for each dropout."""
    h, parameters, unused = x, iter(theta), iter(masks)
    for kind, *sizes in layers:
        if kind == "linear":
            W, b = next(parameters), next(parameters)
            h = h @ W + b
        elif kind == "relu":
            h = jax.nn.relu(h)
        elif kind == "sigmoid":
            h = jax.nn.sigmoid(h)
        elif kind == "dropout":
            h = jnp.where(next(unused), h * (1 / sizes[0]), 0)
        elif kind == "maxout":
            h = reduce(jnp.maximum, jnp.split(h, sizes[0], axis=1))
        elif kind == "channelmaxout":
            units, pieces = sizes
            at_positions = h.reshape(len(h), -1, units * pieces)
            h = reduce(jnp.maximum, jnp.split(at_positions, pieces, axis=2)).reshape(len(h), -1)
        elif kind == "maxpooling":
            h = max_pooling(h, *sizes)
        elif kind == "convolution":
            height, width, _, stride, pad = sizes
            W, b = next(parameters), next(parameters)
            images = h.reshape(len(h), height, width, -1)
            h = (correlation(images, W, (stride, stride), [(pad, pad)] * 2) + b).reshape(len(h), -1)
        else:
            W, b = next(parameters), next(parameters)
            h = deconvolution(h, W, b, *sizes)
    return h


def correlation(x: Any, W: Any, strides: tuple[int, int], padding: Any, **options: Any) -> Any:
    """The convolution of images with the channel last."""
    layout = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(x, W, strides, padding, dimension_numbers=layout, **options)


def deconvolution(
    x: Any, W: Any, b: Any, height: int, width: int, size: int, stride: int, pad: int
) -> Any:
    """Stamps as a convolution with the flipped kernel, over x with stride - 1 zeros in between."""
    lines, columns = ((n + 2 * pad - size) // stride + 1 for n in (height, width))
    images = x.reshape(len(x), lines, columns, -1)
    flipped = W[::-1, ::-1].transpose(0, 1, 3, 2)
    padding = [(size - 1 - pad, size - 1 - pad)] * 2
    y = correlation(images, flipped, (1, 1), padding, lhs_dilation=(stride, stride))
    return (y.reshape(len(x), -1, b.size) + b).reshape(len(x), -1)


def max_pooling(x: Any, height: int, width: int, size: int, stride: int) -> Any:
    """Max pooling; the last window of a line may be cut by the border."""
    cut = [(0, (size - n) % stride) for n in (height, width)]
    images = x.reshape(len(x), height, width, -1)
    y = jax.lax.reduce_window(
        images,
        -jnp.inf,
        jax.lax.max,
        (1, size, size, 1),
        (1, stride, stride, 1),
        [(0, 0), *cut, (0, 0)],
    )
    return y.reshape(len(x), -1)


def loss_of_G(s: Settings, a: Any) -> Any:
    """The loss of G, from the logits of its samples."""
    if s.objective == "minimax":
        return jax.nn.log_sigmoid(-a).mean()
    return -jax.nn.log_sigmoid(a).mean()


def minus_V(s: Settings, a: Any) -> Any:
    """The loss of D, from the logits of m images and m samples."""
    m = s.m
    V = jax.nn.log_sigmoid(a[:m]).mean() + jax.nn.log_sigmoid(-a[m:]).mean()
    return -s.weight_of_V * V


def move(s: Settings, theta: list[Any], v: list[Any], g: list[Any], t: Any) -> tuple[Any, Any]:
    """v <- mu v - eta g; theta <- theta + v."""
    eta = jnp.maximum(s.rate * s.rate_divisor ** -t.astype(jnp.float32), s.rate_floor)
    first, last = s.momentum_first_epoch, s.momentum_last_epoch
    done = jnp.clip((t // s.updates_per_epoch + 1 - first) / (last - first), 0, 1)
    mu = s.momentum + (s.momentum_final - s.momentum) * done
    v = jax.tree.map(lambda v_i, g_i: mu * v_i - eta * g_i, v, g)
    return jax.tree.map(jnp.add, theta, v), v


def iterate(s: Settings, state: dict[str, Any], draws: dict[str, Any]) -> dict[str, Any]:
    """The state after one iteration with the given draws."""
    update = algorithm1 if s.schedule == "algorithm1" else simultaneous
    return update(s, state, draws)


def algorithm1(s: Settings, state: dict[str, Any], draws: dict[str, Any]) -> dict[str, Any]:
    """D ascends on m images and m samples, then G descends with fresh noise."""
    theta_g, theta_d, t = state["theta"]["g"], state["theta"]["d"], state["t"]
    masks = draws["masks"]
    both = jnp.concatenate([draws["x"], G(s, theta_g, draws["z"]["D"])])
    g = jax.grad(lambda theta: minus_V(s, D(s, theta, both, masks["D"])))(theta_d)
    theta_d, v_d = move(s, theta_d, state["v"]["d"], g, t)
    g = jax.grad(
        lambda theta: loss_of_G(s, D(s, theta_d, G(s, theta, draws["z"]["G"]), masks["G"]))
    )(theta_g)
    theta_g, v_g = move(s, theta_g, state["v"]["g"], g, t)
    return {"theta": {"g": theta_g, "d": theta_d}, "v": {"g": v_g, "d": v_d}, "t": t + 1}


def simultaneous(s: Settings, state: dict[str, Any], draws: dict[str, Any]) -> dict[str, Any]:
    """Both players are updated after one forward pass; G's gradient uses only the fake rows."""
    theta_g, theta_d, t = state["theta"]["g"], state["theta"]["d"], state["t"]
    m, masks = s.m, draws["masks"]["D"]
    samples, back_through_G = jax.vjp(lambda theta: G(s, theta, draws["z"]["D"]), theta_g)
    real, back_real = jax.vjp(
        lambda theta: D(s, theta, draws["x"], [mask[:m] for mask in masks]), theta_d
    )
    fake, back_fake = jax.vjp(
        lambda theta, x: D(s, theta, x, [mask[m:] for mask in masks]), theta_d, samples
    )
    da = jax.grad(lambda a: minus_V(s, a))(jnp.concatenate([real, fake]))
    g_d = jax.tree.map(jnp.add, back_real(da[:m])[0], back_fake(da[m:])[0])
    dx = back_fake(jax.grad(lambda a: loss_of_G(s, a))(fake))[1]
    theta_d, v_d = move(s, theta_d, state["v"]["d"], g_d, t)
    theta_g, v_g = move(s, theta_g, state["v"]["g"], back_through_G(dx)[0], t)
    return {"theta": {"g": theta_g, "d": theta_d}, "v": {"g": v_g, "d": v_d}, "t": t + 1}


def draw(s: Settings, N: int, task: Task, pixels: Any, key: Any) -> dict[str, Any]:
    """Fresh draws of one iteration from a key; the compiler removes the draws that are not used."""
    keys = iter(jax.random.split(key, 16))
    indices = jax.random.randint(next(keys), (s.m,), 0, N)
    return {
        "x": normalised(s, pixels[indices].astype(jnp.float32)),
        "z": {player: noise(s, next(keys)) for player in "DG"},
        "masks": {
            player: [
                mask_of(next(keys), mask.shape[1:], keep)
                for mask, keep in zip(task.masks[player], s.keep, strict=True)
            ]
            for player in "DG"
        },
    }


def normalised(s: Settings, x: Any) -> Any:
    """Bytes as numbers in [0, 1], or with normalised contrast."""
    if not s.contrast:
        return x * (1 / 255)
    x = x - x.mean(axis=1, keepdims=True)
    return x * (s.contrast / jnp.linalg.norm(x, axis=1, keepdims=True))


def noise(s: Settings, key: Any) -> Any:
    """z (m, z_size) with variance 1."""
    if not s.uniform:
        return jax.random.normal(key, (s.m, s.z_size))
    side = math.sqrt(3)
    return jax.random.uniform(key, (s.m, s.z_size), minval=-side, maxval=side)


def mask_of(key: Any, shape: tuple[int, int], keep: float) -> Any:
    """True with probability round(65536 keep) / 65536."""
    size = shape[0] * shape[1]
    words = jax.random.bits(key, ((size + 1) // 2,), jnp.uint32)
    numbers = jax.lax.bitcast_convert_type(words, jnp.uint16).ravel()[:size].reshape(shape)
    return numbers < round(65536 * keep)
