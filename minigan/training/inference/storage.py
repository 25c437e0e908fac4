"""E in a run folder: inference.npz, with the digest of the theta_g for which E was trained.

    inference.npz            for the last checkpoint; inference-best.npz, inference-5000.npz for
                             the others
    mnist-inference.npz      in the current folder, for a pretrained generator

The arrays are theta_e, the velocity v, the number of updates as "iteration", and the digest of
theta_g: BLAKE2b of its float32 bytes. A file with another digest is refused, because z means
something else for another G. The file is written every 1,000 updates, so an interrupted training
continues from there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.network import Network
from minigan.training.inference.encoder import (
    Encoder,
    build_E,
    draw_of,
    new_encoder,
    train_encoder,
)
from minigan.training.progress import Progress
from minigan.training.runs import checkpoint, pretrained
from minigan.training.sampler import Sampler

SAVE_EVERY = 1000
NAMES = ("theta_e", "v", "iteration", "theta_g_digest")


def encoder_file(run: Path, which: str = "last") -> Path:
    """The file of E for a checkpoint of the run, or of a pretrained generator."""
    suffix = "" if which == "last" else f"-{which}"
    return pretrained.output_path(run, f"inference{suffix}.npz")


def digest_of(sampler: Sampler) -> Array:
    """The digest (16,) uint8 of theta_g."""
    numbers = np.ascontiguousarray(sampler.backend.to_host(sampler.theta_g.vector))
    return np.frombuffer(hashlib.blake2b(numbers.data, digest_size=16).digest(), np.uint8)


def save_encoder(path: Path, encoder: Encoder, sampler: Sampler) -> None:
    """Write E. Raises OSError if the file cannot be written."""
    to_host, player = encoder.backend.to_host, encoder.player
    theta_e, v, updates = to_host(player.theta.vector), to_host(player.v), np.array(player.updates)
    arrays = (theta_e, v, updates, digest_of(sampler))
    checkpoint.save(path, dict(zip(NAMES, arrays, strict=True)))


def load_encoder(path: Path, E: Network, sampler: Sampler) -> Encoder:
    """Read E. Raises UserError if the file is damaged or belongs to another theta_g."""
    advice = "remove it, or train E again with --retrain"
    try:
        arrays = checkpoint.load(path, NAMES)
    except UserError as error:
        raise UserError(f"{error}; or train E again with --retrain") from None
    if not np.array_equal(arrays["theta_g_digest"], digest_of(sampler)):
        raise UserError(f"{path} was trained for another G: {advice}")
    encoder = new_encoder(E, sampler.backend)
    player = encoder.player
    for name, into in (("theta_e", player.theta.vector), ("v", player.v)):
        saved = arrays[name]
        if saved.shape != into.shape or saved.dtype != np.float32 or not np.isfinite(saved).all():
            raise UserError(f'{path} is damaged: its "{name}" is not that of E; {advice}')
        into[...] = sampler.backend.asarray(saved)
    player.theta.changed()
    player.updates = int(arrays["iteration"])
    return encoder


def encoder_of_run(
    path: Path, sampler: Sampler, updates: int, retrain: bool = False, quiet: bool = True
) -> Encoder:
    """E from the file `path`, trained until it has had at least `updates` updates, and saved.

    `retrain` ignores an existing file. Progress is shown unless `quiet`. Raises UserError if the
    file cannot be used or the loss is not finite, and OSError if the file cannot be written.
    """
    E = build_E(sampler.G.outputs, sampler.z_size)
    exists = path.exists() and not retrain
    encoder = load_encoder(path, E, sampler) if exists else new_encoder(E, sampler.backend)
    done = encoder.player.updates
    if done >= updates:
        return encoder
    with Progress(updates, quiet, done) as progress:

        def after(t: int, J: float | None) -> None:
            if t % SAVE_EVERY == 0 or t == updates:
                save_encoder(path, encoder, sampler)
            progress.advance(None if J is None else f"J {J:.4f}")

        train_encoder(encoder, draw_of(sampler), updates, after)
    return encoder
