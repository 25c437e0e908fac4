"""A slow reference implementation of Algorithm 1: float64, a new array for every result.

The code that is timed is first compared with this reference: both start from the same theta, use
the same draws, and compare theta after some iterations (`checks`). The reference shares with the
timed code the draws and the schedules of eta and mu, but no code of the networks, the objectives or
the updates.

It supports networks as in section 5 of the paper: a G of linear layers with rectifiers and a
sigmoid at the end, a D of linear layers with dropout and maxout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minigan import objectives
from minigan.arrays import Array
from minigan.game import Game
from minigan.layers import Maxout
from minigan.parameters import Parameters


@dataclass
class Reference:
    """theta and v of both players in float64, each as a list of arrays W, b, W, b, ..."""

    game: Game

    def __post_init__(self) -> None:
        self.theta_g = _float64(self.game.player_g.theta)
        self.theta_d = _float64(self.game.player_d.theta)
        self.v_g = [np.zeros_like(p) for p in self.theta_g]
        self.v_d = [np.zeros_like(p) for p in self.theta_d]
        self.updates_g = self.updates_d = 0
        self.pieces = [layer.pieces for layer in self.game.D.layers if isinstance(layer, Maxout)]
        self.keep = [keep for _, keep in self.game.D.mask_sizes]

    def iterate(self, schedule: str, t: int) -> None:
        """Run iteration t of "algorithm1" or "simultaneous"."""
        game, m = self.game, self.game.m
        for step in range(t * game.k, (t + 1) * game.k):
            masks = game.draws.masks("D", step, 2 * m)
            hidden = self.G(game.draws.noise("D", step))
            x = np.concatenate([game.draws.data(step), hidden[-1]])
            kept, a = self.D(x, masks)
            da = np.where(np.arange(2 * m)[:, None] < m, _sigma(-a), -_sigma(a)) / m
            gradient_d, _ = self.backward_D(kept, masks, game.weight_of_V * da)
            if schedule == "simultaneous":
                _, dx = self.backward_D(
                    [array[m:] for array in kept], [s[m:] for s in masks], self.dG(a[m:])
                )
                gradient_g = self.backward_G(hidden, dx)
            self.move("d", gradient_d, +1)
        if schedule == "algorithm1":
            masks = game.draws.masks("G", t, m)
            hidden = self.G(game.draws.noise("G", t))
            kept, a = self.D(hidden[-1], masks)
            _, dx = self.backward_D(kept, masks, self.dG(a))
            gradient_g = self.backward_G(hidden, dx)
        self.move("g", gradient_g, -1)

    def G(self, z: Array) -> list[Array]:
        """z and the output of each layer, the last one the samples."""
        outputs = [z.astype(np.float64)]
        layers = _pairs(self.theta_g)
        for number, (W, b) in enumerate(layers, start=1):
            a = outputs[-1] @ W + b
            outputs.append(_sigma(a) if number == len(layers) else np.where(a > 0, a, 0))
        return outputs

    def D(self, x: Array, masks: Sequence[Array]) -> tuple[list[Array], Array]:
        """[h, a, h, a, ...] with a = h W + b of each linear layer, and the logits (the last a)."""
        kept, h = [], x
        layers = _pairs(self.theta_d)
        for number, (W, b) in enumerate(layers):
            h = h * masks[number] / self.keep[number]
            a = h @ W + b
            kept += [h, a]
            if number < len(layers) - 1:
                h = a.reshape(len(a), self.pieces[number], -1).max(axis=1)
        return kept, kept[-1]

    def dG(self, a: Array) -> Array:
        """The gradient of G's objective with respect to the logits a of its samples."""
        if self.game.objective.loss is objectives.minimax_loss:
            return -_sigma(a) / len(a)
        return -_sigma(-a) / len(a)

    def backward_D(
        self, kept: list[Array], masks: Sequence[Array], da: Array
    ) -> tuple[list[Array], Array]:
        """The gradients of theta_d and of x, from the gradient da of the logits."""
        gradients: list[Array] = []
        layers = _pairs(self.theta_d)
        for number in reversed(range(len(layers))):
            W, _ = layers[number]
            gradients = [kept[2 * number].T @ da, da.sum(axis=0), *gradients]
            dx = (da @ W.T) * masks[number] / self.keep[number]
            if number:
                pieces = kept[2 * number - 1].reshape(len(dx), self.pieces[number - 1], -1)
                wins = pieces.argmax(axis=1)[:, None, :] == np.arange(pieces.shape[1])[:, None]
                da = (wins * dx[:, None, :]).reshape(len(dx), -1)
        return gradients, dx

    def backward_G(self, outputs: list[Array], dx: Array) -> list[Array]:
        """The gradient of theta_g, from the gradient dx of the samples."""
        gradients: list[Array] = []
        da = dx * outputs[-1] * (1 - outputs[-1])
        for number, (W, _) in reversed(list(enumerate(_pairs(self.theta_g)))):
            h = outputs[number]
            gradients = [h.T @ da, da.sum(axis=0), *gradients]
            da = (da @ W.T) * (h > 0)
        return gradients

    def move(self, player: str, gradient: list[Array], sign: int) -> None:
        """v <- mu v + sign eta g; theta <- theta + v."""
        g = player == "g"
        optimizer = self.game.player_g if g else self.game.player_d
        updates = self.updates_g if g else self.updates_d
        theta, v = (self.theta_g, self.v_g) if g else (self.theta_d, self.v_d)
        eta, mu = optimizer.hyperparameters(updates).values()
        for theta_i, v_i, gradient_i in zip(theta, v, gradient, strict=True):
            v_i[...] = mu * v_i + sign * eta * gradient_i
            theta_i += v_i
        self.updates_g, self.updates_d = self.updates_g + g, self.updates_d + (not g)

    def vectors(self) -> tuple[Array, Array]:
        """theta_g and theta_d, each as one vector."""
        theta_g, theta_d = (
            np.concatenate([part.ravel() for part in theta])
            for theta in (self.theta_g, self.theta_d)
        )
        return theta_g, theta_d


def theta_vectors(game: Game) -> tuple[Array, Array]:
    """Copies of theta_g and theta_d of the game, each as one vector."""
    return game.player_g.theta.vector.copy(), game.player_d.theta.vector.copy()


def _float64(theta: Parameters) -> list[Array]:
    return [part.astype(np.float64) for part in theta.values()]


def _pairs(theta: list[Array]) -> list[tuple[Array, Array]]:
    return list(zip(theta[::2], theta[1::2], strict=True))


def _sigma(a: Array) -> Array:
    with np.errstate(over="ignore"):  # e^-a may overflow; 1 / (1 + infinity) = 0 is correct
        sigma: Array = 1 / (1 + np.exp(-a))
    return sigma
