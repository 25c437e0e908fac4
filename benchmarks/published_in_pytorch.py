"""Trains the published fully connected CIFAR-10 networks in PyTorch, to see whether V becomes NaN.

    python benchmarks/published_in_pytorch.py --data-dir DIR --seed 1 --iterations 400

cifar10-fc-2014 written a second time, with PyTorch's gradients and random numbers. Only the pixels
are read by minigan. One line of JSON every ten iterations: V and the loss of G in nats, the mean
D(x) and D(G(z)), max |G(z)|, and the norm of G's slope, the mean over z of d loss_g / d G(z).
The script stops at the first V that is not finite. About 2 s per iteration on one core, 3 GB.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch.nn.functional import softplus

from minigan.data import sets

M, Z, PIECES = 100, 100, 5
RATE, DIVISOR, MOMENTUM = 0.025, 1.000004, 0.5  # the momentum of the first epoch
KEEP_INPUT, KEEP_HIDDEN = 0.8, 0.5
CONTRAST = 55.0


class Sizes(NamedTuple):
    """Hidden units of G and of D: the published ones, and fewer for the test."""

    g: int = 8000
    d: int = 1600


class Players:
    """theta_g and theta_d with their velocities, G and D, and one simultaneous update."""

    def __init__(self, pixels: int, sizes: Sizes, seed: int) -> None:
        self.rng = torch.Generator().manual_seed(seed)
        g, d = sizes
        self.g = [
            *self.linear(Z, g, 0.05),
            *self.linear(g, g, 0.05),
            *self.linear(g, pixels, 0.5),
        ]
        self.d = [
            *self.linear(pixels, d * PIECES, 0.005),
            *self.linear(d, d * PIECES, 0.005),
            *self.linear(d, 1, 0.005),
        ]
        self.v = [torch.zeros_like(p) for p in self.g + self.d]
        self.eta = RATE

    def linear(self, inputs: int, outputs: int, spread: float) -> list[torch.Tensor]:
        """W uniform on (-spread, spread), and b = 0."""
        W = (2 * torch.rand(inputs, outputs, generator=self.rng) - 1) * spread
        return [W.requires_grad_(), torch.zeros(outputs, requires_grad=True)]

    def G(self, z: torch.Tensor) -> torch.Tensor:
        """x = G(z)."""
        W1, b1, W2, b2, W3, b3 = self.g
        return torch.sigmoid(torch.relu(z @ W1 + b1) @ W2 + b2) @ W3 + b3

    def logit(self, x: torch.Tensor) -> torch.Tensor:
        """The logit of D(x), with new dropout masks."""
        W1, b1, W2, b2, W3, b3 = self.d
        h = self.maxout(self.dropped(x, KEEP_INPUT) @ W1 + b1)
        h = self.maxout(self.dropped(h, KEEP_HIDDEN) @ W2 + b2)
        return (self.dropped(h, KEEP_HIDDEN) @ W3 + b3)[:, 0]

    def dropped(self, x: torch.Tensor, keep: float) -> torch.Tensor:
        """x with each number kept with probability `keep`, and divided by it."""
        return x * (torch.rand(x.shape, generator=self.rng) < keep) / keep

    @staticmethod
    def maxout(a: torch.Tensor) -> torch.Tensor:
        """The maximum of each unit's pieces."""
        return a.view(len(a), -1, PIECES).amax(2)

    def iterate(self, x: torch.Tensor) -> dict[str, float]:
        """Update both players after one forward pass. Returns the numbers before the update."""
        samples = self.G(torch.randn(len(x), Z, generator=self.rng))
        real, fake = self.logit(x), self.logit(samples)
        half_minus_V = (softplus(-real).mean() + softplus(fake).mean()) / 2
        loss_g = softplus(-fake).mean()
        of_g = torch.autograd.grad(loss_g, [*self.g, samples], retain_graph=True)
        gradients = [*of_g[:-1], *torch.autograd.grad(half_minus_V, self.d)]
        with torch.no_grad():
            for theta, v, gradient in zip(self.g + self.d, self.v, gradients, strict=True):
                v.mul_(MOMENTUM).sub_(gradient, alpha=self.eta)
                theta.add_(v)
        self.eta /= DIVISOR
        return {
            "V": -2 * half_minus_V.item(),
            "loss_g": loss_g.item(),
            "D_x": torch.sigmoid(real).mean().item(),
            "D_Gz": torch.sigmoid(fake).mean().item(),
            "largest": samples.abs().max().item(),
            "slope": of_g[-1].sum(0).norm().item(),
        }


def contrast_normalised(pixels: Any) -> torch.Tensor:
    """Each image minus its mean, divided by its norm, times CONTRAST."""
    x = torch.tensor(pixels, dtype=torch.float32)
    x -= x.mean(1, keepdim=True)
    return x * (CONTRAST / x.norm(dim=1, keepdim=True))


def train(x: torch.Tensor, players: Players, iterations: int) -> Iterator[dict[str, Any]]:
    """The numbers of every tenth iteration and of the last; stops if V is not finite."""
    order = torch.empty(0, dtype=torch.int64)
    for iteration in range(iterations):
        if len(order) < M:
            order = torch.randperm(len(x), generator=players.rng)
        rows, order = order[:M], order[M:]
        found = players.iterate(x[rows])
        finite = torch.isfinite(torch.tensor(found["V"])).item()
        if iteration % 10 == 0 or not finite or iteration == iterations - 1:
            yield {"iteration": iteration} | found
        if not finite:
            return


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data-dir", type=Path, help="the folder of CIFAR-10")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--iterations", type=int, default=400)
    options = parser.parse_args()
    x = contrast_normalised(sets.load("cifar-10", options.data_dir).train.pixels)
    players = Players(x.shape[1], Sizes(), options.seed)
    for line in train(x, players, options.iterations):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
