"""The same iteration in PyTorch: eager, and compiled as one graph.

autograd computes the gradients, only for the parameters of the player that is updated. Updates use
`torch._foreach_*`, one call for all parameters. Random numbers come from PyTorch's generator; a
mask uses 16 random bits per entry, as in minigan, taken from 64-bit words: this is twice as fast as
`F.dropout`. When compiled, the whole iteration with its gradients is one graph
(`trace_autograd_ops`). Without that option it is compiled in several parts, and is slower. The
layers for images have the channel last in memory, as minigan's rows have it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch._dynamo.config as dynamo_settings
import torch.nn.functional as F
from peers.task import Settings, Task

VERSION = f"torch {torch.__version__}"


class Peer:
    """The state of a game in PyTorch; `iterate(drawn)` runs the next iteration."""

    def __init__(self, task: Task, compiled: bool = False, device: str = "cpu") -> None:
        """Raises RuntimeError if PyTorch cannot use the device."""
        if device == "cuda" and not torch.cuda.is_available():
            raise RuntimeError("PyTorch finds no GPU here")
        self.task, self.s, self.device = task, task.settings, device
        self.pixels = torch.from_numpy(task.pixels).to(device)
        self.draws = [_draws(task, i, device) for i in range(self.s.cycle)]
        self.widths = [masks.shape[-1] for masks in task.masks["D"]]
        self.step = step
        if compiled:
            dynamo_settings.trace_autograd_ops = True
            self.step = torch.compile(step, fullgraph=True)
        self.restart()

    def restart(self, amplified: float = 1.0) -> None:
        """Go back to the initial theta, with theta_d multiplied by `amplified`."""
        theta_g, theta_d = (
            [torch.tensor(scale * part, requires_grad=True, device=self.device) for part in theta]
            for scale, theta in ((1.0, self.task.theta_g), (amplified, self.task.theta_d))
        )
        self.state = [theta_g, theta_d]
        self.v = [[torch.zeros_like(part) for part in theta] for theta in self.state]
        self.t = 0
        torch.manual_seed(1)

    def iterate(self, drawn: bool) -> None:
        """Run the next iteration."""
        t, s = self.t, self.s
        draws = None if drawn else self.draws[t % s.cycle]
        # Filled on the device, because copying a number to it would wait for the device.
        eta, mu = (torch.full((), value, device=self.device) for value in (s.eta(t), s.mu(t)))
        self.step(s, self.pixels, self.state, self.v, draws, eta, mu)
        self.t += 1

    def wait(self) -> None:
        """Wait for a GPU; on a CPU PyTorch has finished when a call returns."""
        if self.device == "cuda":
            torch.cuda.synchronize()

    def theta(self) -> np.ndarray[Any, Any]:
        """theta_g and theta_d as one vector."""
        return np.concatenate(
            [part.detach().cpu().numpy().ravel() for theta in self.state for part in theta]
        )


def _draws(task: Task, i: int, device: str) -> dict[str, Any]:
    """Fixed draws number i; a mask holds 0 and 1 / keep, so that dropout is one multiplication."""
    masks = {
        player: [
            torch.from_numpy(mask[i] * np.float32(1 / keep)).to(device)
            for mask, keep in zip(masks, task.settings.keep, strict=True)
        ]
        for player, masks in task.masks.items()
    }
    z = {player: torch.from_numpy(z[i]).to(device) for player, z in task.z.items()}
    return {"x": torch.from_numpy(task.x[i]).to(device), "z": z, "masks": masks}


def step(
    s: Settings, pixels: Any, theta: Any, v: Any, draws: dict[str, Any] | None, eta: Any, mu: Any
) -> None:
    """One iteration; with draws=None it makes its own draws."""
    update = algorithm1 if s.schedule == "algorithm1" else simultaneous
    update(s, pixels, theta, v, draws, eta, mu)


def algorithm1(
    s: Settings, pixels: Any, theta: Any, v: Any, draws: dict[str, Any] | None, eta: Any, mu: Any
) -> None:
    """D ascends on m images and m samples, then G descends with fresh noise."""
    theta_g, theta_d = theta
    with torch.no_grad():
        samples = G(s, theta_g, noise(s, "D", draws, theta_g[0].device))
    a = D(s, theta_d, torch.cat([images(s, pixels, draws), samples]), "D", draws)
    move(theta_d, v[1], torch.autograd.grad(minus_V(s, a[: s.m], a[s.m :]), theta_d), eta, mu)
    a = D(s, theta_d, G(s, theta_g, noise(s, "G", draws, theta_g[0].device)), "G", draws)
    move(theta_g, v[0], torch.autograd.grad(loss_of_G(s, a), theta_g), eta, mu)


def simultaneous(
    s: Settings, pixels: Any, theta: Any, v: Any, draws: dict[str, Any] | None, eta: Any, mu: Any
) -> None:
    """Both players are updated after one forward pass; G's gradient uses only the fake rows."""
    theta_g, theta_d = theta
    samples = G(s, theta_g, noise(s, "D", draws, theta_g[0].device))
    real = D(s, theta_d, images(s, pixels, draws), "D", draws, slice(None, s.m))
    fake = D(s, theta_d, samples, "D", draws, slice(s.m, None))
    g_d = torch.autograd.grad(minus_V(s, real, fake), theta_d, retain_graph=True)
    g_g = torch.autograd.grad(loss_of_G(s, fake), theta_g)
    move(theta_d, v[1], g_d, eta, mu)
    move(theta_g, v[0], g_g, eta, mu)


def G(s: Settings, theta: list[Any], z: Any) -> Any:
    """Samples (m, n)."""
    return run(s.G, theta, z, [])


def D(
    s: Settings,
    theta: list[Any],
    x: Any,
    player: str,
    draws: dict[str, Any] | None,
    rows: slice = slice(None),
) -> Any:
    """Logits (m, 1)."""
    masks = None if draws is None else [mask[rows] for mask in draws["masks"][player]]
    return run(s.D, theta, x, masks)


def run(layers: list[list[Any]], theta: list[Any], x: Any, masks: list[Any] | None) -> Any:
    """The layers in order. `masks` has one mask with 0 and 1 / keep for each dropout; None: new."""
    h, parameters, fixed = x, iter(theta), None if masks is None else iter(masks)
    for kind, *sizes in layers:
        if kind == "linear":
            W, b = next(parameters), next(parameters)
            h = torch.addmm(b, h, W)
        elif kind == "relu":
            h = torch.relu(h)
        elif kind == "sigmoid":
            h = torch.sigmoid(h)
        elif kind == "dropout":
            h = h * (mask_of(h.shape, sizes[0], h.device) if fixed is None else next(fixed))
        elif kind == "maxout":
            h = h.view(len(h), sizes[0], -1).amax(1)
        elif kind == "channelmaxout":
            units, pieces = sizes
            h = h.view(len(h), -1, pieces, units).amax(2).flatten(1)
        elif kind == "maxpooling":
            height, width, size, stride = sizes
            h = rows_of(F.max_pool2d(images_of(h, height, width), size, stride, ceil_mode=True))
        elif kind == "convolution":
            height, width, size, stride, pad = sizes
            W, b = next(parameters), next(parameters)
            kernel = W.permute(3, 2, 0, 1)  # units, channels, lines, columns
            h = rows_of(F.conv2d(images_of(h, height, width), kernel, b, stride, pad))
        else:
            height, width, size, stride, pad = sizes
            W, b = next(parameters), next(parameters)
            lines, columns = ((n + 2 * pad - size) // stride + 1 for n in (height, width))
            kernel = W.permute(3, 2, 0, 1)
            stamps = F.conv_transpose2d(images_of(h, lines, columns), kernel, None, stride, pad)
            h = rows_of(stamps) + b.repeat(height * width * W.shape[2] // len(b))
    return h


def images_of(h: Any, height: int, width: int) -> Any:
    """Rows as images (m, channels, height, width), with the channel last in memory."""
    return h.view(len(h), height, width, -1).permute(0, 3, 1, 2)


def rows_of(images: Any) -> Any:
    """Images (m, channels, height, width) as rows with the channel last."""
    return images.permute(0, 2, 3, 1).flatten(1)


def minus_V(s: Settings, real: Any, fake: Any) -> Any:
    """The loss of D, from the logits of m images and m samples."""
    return -s.weight_of_V * (F.logsigmoid(real).mean() + F.logsigmoid(-fake).mean())


def loss_of_G(s: Settings, a: Any) -> Any:
    """The loss of G, from the logits of its samples."""
    return F.logsigmoid(-a).mean() if s.objective == "minimax" else -F.logsigmoid(a).mean()


@torch.no_grad()
def move(theta: list[Any], v: list[Any], g: Any, eta: Any, mu: Any) -> None:
    """v <- mu v - eta g; theta <- theta + v."""
    torch._foreach_mul_(v, mu)
    torch._foreach_sub_(v, torch._foreach_mul(g, eta))
    torch._foreach_add_(theta, v)


def images(s: Settings, pixels: Any, draws: dict[str, Any] | None) -> Any:
    """A minibatch (m, n): from `draws`, or m random images."""
    if draws is not None:
        return draws["x"]
    indices = torch.randint(len(pixels), (s.m,), device=pixels.device)
    x = pixels[indices].float()
    if not s.contrast:
        return x * (1 / 255)
    x = x - x.mean(1, keepdim=True)
    return x * (s.contrast / torch.linalg.vector_norm(x, dim=1, keepdim=True))


def noise(s: Settings, player: str, draws: dict[str, Any] | None, device: Any) -> Any:
    """z (m, z_size): from `draws`, or with variance 1."""
    if draws is not None:
        return draws["z"][player]
    if not s.uniform:
        return torch.randn(s.m, s.z_size, device=device)
    return (2 * torch.rand(s.m, s.z_size, device=device) - 1) * math.sqrt(3)


def mask_of(shape: Any, keep: float, device: Any) -> Any:
    """1 / keep with probability keep, else 0; when eager, the probability has 16 bits."""
    if torch.compiler.is_compiling():  # a compiled graph cannot contain `random_`
        return (torch.rand(shape, device=device) < keep) * (1 / keep)
    size = shape[0] * shape[1]
    words = torch.empty((size + 3) // 4, dtype=torch.int64, device=device).random_(-(2**63), None)
    numbers = words.view(torch.int16)[:size].view(shape)  # uniform on -32768 .. 32767
    return (numbers < round(65536 * keep) - 32768) * (1 / keep)
