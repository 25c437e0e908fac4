"""`minigan infer`: the z of real images, by an inference network trained for the G of a run."""

from __future__ import annotations

import argparse
import json
from typing import Any

from minigan.cli.arguments import (
    Parser,
    add_checkpoint,
    add_data_dir,
    add_debug,
    add_device,
    count_type,
    path,
    refuse_with_pictures,
    sample_count,
)
from minigan.errors import UserError

UPDATES, IMAGES = 3_000, 1_000
LOSSES = ("images", "z")


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan infer`."""
    infer = commands.add_parser(
        "infer",
        help="find the z of images, and reconstruct them with a trained G",
        description="Find z for images with an inference network E that is trained on samples of G "
        "(section 7 of the paper). If E does not exist, train it: seconds for digits, minutes for "
        "MNIST. E is saved in the run folder, and the next call uses it; an interrupted training "
        "continues. The pretrained G mnist has a trained E, which cannot be trained further. "
        "Another E that you train for it is saved in the current folder, as mnist-inference.npz, "
        "and used until you delete this file. "
        "Write z.npz, z.csv, reconstructions.png (images above G(E(x))) and measures.json, and "
        "print the measures.",
    )
    infer.add_argument(
        "run",
        type=path,
        metavar="RUN",
        help="use the G of this run folder, or mnist, the pretrained G with its E",
    )
    source = infer.add_mutually_exclusive_group()
    source.add_argument(
        "--images",
        type=path,
        metavar="PATH",
        help="find z for this picture, or for the pictures of this folder; they are cropped and "
        "resized",
    )
    source.add_argument(
        "--set",
        choices=("test", "validation", "train"),
        help="find z for images of the data set of the run (default: test)",
    )
    infer.add_argument(
        "--count",
        type=sample_count,
        metavar="N",
        help=f"use the first N images of the data set (default: {IMAGES})",
    )
    infer.add_argument(
        "--out",
        type=path,
        metavar="FOLDER",
        help="write the files to this folder (default: RUN/inference; for mnist: mnist-inference)",
    )
    infer.add_argument(
        "--refine",
        type=count_type,
        metavar="N",
        help="then improve z by N steps of gradient descent on |x - G(z)|^2",
    )
    infer.add_argument(
        "--interpolate",
        action="store_true",
        help="also draw paths in z between consecutive images: interpolation.png",
    )
    infer.add_argument(
        "--updates",
        type=count_type,
        default=UPDATES,
        metavar="N",
        help=f"train E until it has had N updates (default: {UPDATES})",
    )
    infer.add_argument(
        "--loss",
        choices=LOSSES,
        help="train E to reconstruct images, |x - G(E(x))|^2, or to predict z, |E(x) - z|^2, from "
        "x = G(z) (default: that of the trained E; images for a new one)",
    )
    infer.add_argument(
        "--retrain", action="store_true", help="train E again, although a trained E exists"
    )
    add_data_dir(infer, "load the data set from this folder (default: the folder of the run)")
    add_checkpoint(infer, "last")
    add_device(infer, "cpu")
    infer.add_argument("--json", action="store_true", help="print the measures as JSON")
    infer.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(infer)


def run(options: Any) -> int:
    """Find z, print the folder and the measures; returns the exit status."""
    from minigan.reports import inference, inference_inputs
    from minigan.system.messages import say, stderr
    from minigan.training.inference.storage import (
        encoder_file,
        encoder_of_run,
        shipped_encoder,
    )
    from minigan.training.runs import pretrained
    from minigan.training.sampling import load_sampler

    def note(sentence: str) -> None:
        say(f"note: {sentence}")

    if options.images is not None:
        refuse_with_pictures(options, ("count", "data_dir"), "--images")
    quiet = options.quiet or not stderr().isatty()
    sampler = load_sampler(options.run, options.checkpoint, options.device or "cpu")
    if sampler.classes:
        raise UserError(
            f"the G of {options.run} is conditional: minigan infer needs a G without classes"
        )
    if sampler.zeros:
        raise UserError(
            f"the G of {options.run} has further inputs beside z: minigan infer needs a run "
            "without data.masks and discriminator.instance_noise"
        )
    if options.images is not None:
        inputs = inference_inputs.images_of_files(options.run, options.images, note)
    else:
        inputs = inference_inputs.images_of_set(
            options.run, options.data_dir, options.set or "test", options.count or IMAGES
        )
    out = options.out or pretrained.output_path(options.run, "inference")
    if options.interpolate and len(inputs.images) < 2:
        raise UserError("an interpolation needs two images at least: give a folder of pictures")
    try:
        out.mkdir(parents=True, exist_ok=True)  # before the training, which may take minutes
    except FileExistsError:
        raise UserError(f"{out} is not a folder: name another one with --out") from None
    file = encoder_file(options.run, options.checkpoint)
    encoder = encoder_of_run(
        file,
        sampler,
        options.updates,
        options.retrain,
        quiet,
        options.loss,
        shipped_encoder(options.run),
        note,
    )
    source = f"from {file}" if file.exists() else "shipped"
    measures = inference.infer(
        inputs, sampler, encoder, out, options.refine or 0, options.interpolate, quiet, source
    )
    if options.json:
        print(json.dumps({"out": str(out), **measures.to_json()}))
    else:
        print(f"{out}\n{measures}")
    return 0
