"""E in a run folder: inference.npz, with the digest of the theta_g for which E was trained.

    inference.npz            for the last checkpoint; inference-best.npz, inference-5000.npz for
                             the others
    mnist-inference.npz      in the current folder, for a pretrained generator

The arrays are theta_e, the velocity v, the number of updates as "iteration", the index of the loss
in LOSSES (missing in older files: the loss is "z"), and the digest of theta_g: BLAKE2b of its
float32 bytes. A file with another digest is refused, because z means something else for another G.
The file is written every 1,000 updates, and at Ctrl-C, SIGTERM and SIGHUP after the update in
progress. The training continues from the file.

A pretrained generator may have a trained E in its own folder, in float16 and without v. It is used
if the current folder has no E, and is not trained further: for more updates a new E is trained.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.network import Network
from minigan.system.signals import Interrupt
from minigan.training.inference.encoder import (
    Encoder,
    build_E,
    draw_of,
    new_encoder,
    train_encoder,
)
from minigan.training.inference.losses import LOSSES, loss_of
from minigan.training.progress import Progress
from minigan.training.runs import checkpoint, pretrained
from minigan.training.sampler import Sampler

SAVE_EVERY = 1000
NAMES = ("theta_e", "v", "iteration", "theta_g_digest")


def encoder_file(run: Path, which: str = "last") -> Path:
    """The file of E for a checkpoint of the run, or of a pretrained generator."""
    suffix = "" if which == "last" else f"-{which}"
    return pretrained.output_path(run, f"inference{suffix}.npz")


def shipped_encoder(run: Path) -> Path | None:
    """The file of the trained E in the folder of a pretrained generator, if there is one."""
    folder = pretrained.resolve(run)
    file = folder / "inference.npz"
    return file if folder != run and file.exists() else None


def digest_of(sampler: Sampler) -> Array:
    """The digest (16,) uint8 of theta_g."""
    numbers = np.ascontiguousarray(sampler.backend.to_host(sampler.theta_g.vector))
    return np.frombuffer(hashlib.blake2b(numbers.data, digest_size=16).digest(), np.uint8)


def save_encoder(path: Path, encoder: Encoder, sampler: Sampler) -> None:
    """Write E. Raises OSError if the file cannot be written."""
    to_host, player = encoder.backend.to_host, encoder.player
    theta_e, v, updates = to_host(player.theta.vector), to_host(player.v), np.array(player.updates)
    arrays = dict(zip(NAMES, (theta_e, v, updates, digest_of(sampler)), strict=True))
    checkpoint.save(path, {**arrays, "loss": np.array(LOSSES.index(encoder.loss))})


def load_encoder(path: Path, E: Network, sampler: Sampler) -> Encoder:
    """Read E. Raises UserError if the file is damaged or belongs to another theta_g."""
    advice = "remove it, or train E again with --retrain"
    try:
        arrays = checkpoint.load(path, [name for name in NAMES if name != "v"])
    except UserError as error:
        if isinstance(error.__context__, OSError):  # it may be a good file without permission
            raise
        raise UserError(f"{path} is not a trained E: train it again with --retrain") from None
    if not np.array_equal(arrays["theta_g_digest"], digest_of(sampler)):
        raise UserError(f"{path} was trained for another G: {advice}")
    loss = arrays.get("loss", np.array(LOSSES.index("z"))).tolist()
    if loss not in range(len(LOSSES)):
        raise UserError(f'{path} is damaged: its "loss" is not that of E; {advice}')
    encoder = new_encoder(E, sampler.backend, LOSSES[loss])
    player = encoder.player
    shipped = arrays["theta_e"].dtype == np.float16
    kind = np.float16 if shipped else np.float32
    for name, into in (("theta_e", player.theta.vector), ("v", player.v))[: 1 if shipped else 2]:
        saved = arrays.get(name, np.array(np.nan))
        if saved.shape != into.shape or saved.dtype != kind or not np.isfinite(saved).all():
            raise UserError(f'{path} is damaged: its "{name}" is not that of E; {advice}')
        into[...] = sampler.backend.asarray(saved.astype(np.float32))
    player.theta.changed()
    player.updates = int(arrays["iteration"])
    return encoder


def encoder_of_run(
    path: Path,
    sampler: Sampler,
    updates: int,
    retrain: bool = False,
    quiet: bool = True,
    loss: str | None = None,
    shipped: Path | None = None,
    note: Callable[[str], object] = lambda sentence: None,
) -> Encoder:
    """E from the file `path`, trained until it has had at least `updates` updates, and saved.

    `retrain` ignores an existing file. loss: one of LOSSES; None is that of the file, or the first
    for a new E. shipped: the file of an E that is used instead if `path` does not exist and this E
    has the loss and the updates; else `note` is called with a sentence. Progress is shown unless
    `quiet`. Raises UserError if the file cannot be used or the loss is not finite, OSError if the
    file cannot be written, and KeyboardInterrupt after an interrupt, when E is saved.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder, but E is saved in a file of this name: rename it")
    E = build_E(sampler.G.outputs, sampler.z_size)
    if shipped and not path.exists() and not retrain:
        encoder = load_encoder(shipped, E, sampler)
        if loss in (None, encoder.loss) and updates <= encoder.player.updates:
            return encoder
        note(f"the shipped E cannot be continued: a new E is trained and saved in {path}")
    if path.exists() and not retrain:
        encoder = load_encoder(path, E, sampler)
        if loss not in (None, encoder.loss):
            raise UserError(
                f"{path} was trained with the loss {encoder.loss}: leave out --loss, or train E "
                "again with --retrain"
            )
    else:
        encoder = new_encoder(E, sampler.backend, loss or LOSSES[0])
    done = encoder.player.updates
    if done >= updates:
        return encoder
    continues = "the same command without --retrain" if retrain else "the same command"
    with Interrupt() as interrupt, Progress(updates, quiet, done) as progress:

        def after(t: int, J: float | None) -> None:
            saves = t % SAVE_EVERY == 0 or t == updates or interrupt.requested
            if saves:
                save_encoder(path, encoder, sampler)
            progress.advance(None if J is None else f"J {J:.4f}")
            if saves and interrupt.requested:
                raise KeyboardInterrupt(f"E has {t:,} updates in {path}, and {continues} continues")

        train_encoder(encoder, draw_of(sampler), loss_of(encoder.loss, sampler), updates, after)
    return encoder
