"""`minigan quality`: compare the samples of a run with training images and simple baselines."""

from __future__ import annotations

import argparse
import json
from typing import Any

from minigan.cli.arguments import Parser, add_checkpoint, add_data_dir, add_debug, path, seed


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan quality`."""
    quality = commands.add_parser(
        "quality",
        help="compare the samples of a run with training images, in four numbers",
        description="Print four numbers for 1,000 samples of a run (fewer for a small data set), "
        "for training images and for simple baselines. nearest: median distance to the nearest "
        "training image, divided by that of held-out images. Frechet: distance of the pixels "
        "averaged to 8 x 8. components: share of the variance along the first 10 principal "
        "components of training images. slope: exponent of the power spectrum. No labels and no "
        "trained network are used. For a conditional run, also print, for each class, the share "
        "of its samples that show this class, and how diverse they are compared with real "
        "examples.",
    )
    quality.add_argument(
        "run", type=path, metavar="RUN", help="use the G of this run folder, or mnist"
    )
    quality.add_argument(
        "--seed", type=seed, default=0, help="set the seed of the noise z (default: 0)"
    )
    add_data_dir(quality, "load the data set from this folder (default: the folder of the run)")
    add_checkpoint(quality)
    quality.add_argument("--json", action="store_true", help="print the table as JSON")
    quality.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(quality)


def run(options: Any) -> int:
    """Print the table, and that of the classes if there are some; returns the exit status."""
    from minigan.data.images import Images
    from minigan.reports import class_quality, image_quality
    from minigan.reports.run_data import data_of_run
    from minigan.system.messages import step_log

    data = data_of_run(options.run, options.data_dir)
    which = options.checkpoint or "last"
    log = step_log("computing", options.quiet)
    classes = class_quality.class_quality_of_run(options.run, data, which, options.seed, log)
    found: dict[str, Any] = {} if classes is None else {"classes": classes.to_json()}
    texts = [] if classes is None else [str(classes)]
    if classes is None or isinstance(data.train, Images):
        images = image_quality.quality_of_run(options.run, data, which, options.seed, log)
        found, texts = images.to_json() | found, [str(images), *texts]
    print(json.dumps(found) if options.json else "\n\n".join(texts))
    return 0
