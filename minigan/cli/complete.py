"""`minigan complete`: complete pictures with a G that was trained for every mask."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from minigan.cli.arguments import (
    Parser,
    add_checkpoint,
    add_data_dir,
    add_debug,
    add_device,
    path,
    refuse_with_pictures,
    sample_count,
    seed,
)
from minigan.errors import UserError

IMAGES, COMPLETIONS = 1_000, 8


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan complete`."""
    complete = commands.add_parser(
        "complete",
        help="complete the missing part of pictures with a trained G",
        description="Complete pictures with the G of a run whose recipe has data.masks, such as "
        "digits-complete (section 7 of the paper: p(x_S | x without S)). Write a sheet with each "
        "picture, its observed part (missing pixels are blue) and several completions, or an "
        "array. Print a table: the share of completed pictures that show the class of the "
        "original, for G, for the mean of the training images and for the nearest training image.",
    )
    complete.add_argument("run", type=path, metavar="RUN", help="use the G of this run folder")
    complete.add_argument(
        "picture",
        type=path,
        nargs="?",
        metavar="PICTURE",
        help="complete this picture, or the pictures of this folder (default: test images)",
    )
    complete.add_argument(
        "--mask",
        nargs="+",
        required=True,
        metavar="MASK",
        help="the part that is missing: left, right, top, bottom, all, rectangle R0 C0 R1 C1 (rows "
        "R0 to R1 - 1, columns C0 to C1 - 1), random FRACTION, or a PNG file whose white pixels "
        "are missing",
    )
    complete.add_argument(
        "--count",
        type=sample_count,
        default=COMPLETIONS,
        metavar="N",
        help=f"draw N completions of each picture (default: {COMPLETIONS})",
    )
    complete.add_argument(
        "--images",
        type=sample_count,
        metavar="N",
        help=f"complete the first N test images (default: {IMAGES}); a sheet shows 20",
    )
    complete.add_argument(
        "--seed", type=seed, default=0, help="set the seed of z and of a random mask (default: 0)"
    )
    complete.add_argument(
        "--out",
        type=path,
        metavar="FILE",
        help="write a sheet to this .png file, or all completions to this .npy file (default: "
        "RUN/completions.png)",
    )
    add_data_dir(complete, "load the data set from this folder (default: the folder of the run)")
    add_checkpoint(complete, "last")
    add_device(complete, "cpu")
    complete.add_argument("--json", action="store_true", help="print the table as JSON")
    complete.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(complete)


def run(options: Any) -> int:
    """Write the completions, print the path and the table; returns the exit status."""
    from minigan.reports import completion, inference_inputs
    from minigan.system.messages import say, step_log
    from minigan.training.runs import pretrained
    from minigan.training.sampling import load_sampler

    sampler = load_sampler(options.run, options.checkpoint, options.device or "cpu")
    if not sampler.completes:
        raise UserError(
            f"the G of {options.run} does not complete pictures: use the run of a recipe with "
            "data.masks, for example digits-complete"
        )
    if options.picture is not None:
        refuse_with_pictures(options, ("images", "data_dir"), "a PICTURE")
        inputs = inference_inputs.images_of_files(
            options.run, options.picture, lambda note: say(f"note: {note}")
        )
    else:
        inputs = inference_inputs.images_of_set(
            options.run, options.data_dir, "test", options.images or IMAGES
        )
    out = options.out or pretrained.output_path(options.run, "completions.png")
    for given in (options.picture, *map(Path, options.mask)):
        if given and out.exists() and given.exists() and out.samefile(given):
            raise UserError(f"--out {out} is an input of this command: name another file")
    found = completion.complete(
        inputs,
        sampler,
        options.mask,
        options.count,
        options.seed,
        out,
        step_log("computing", options.quiet),
    )
    if options.json:
        print(json.dumps({"out": str(out), **found.to_json()}))
    else:
        print(f"{out}\n{found}")
    return 0
