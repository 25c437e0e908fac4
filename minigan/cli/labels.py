"""`minigan labels`: classify images with few labels, by the features of D and E."""

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
    seed,
)


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan labels`."""
    labels = commands.add_parser(
        "labels",
        help="classify images with few labels, by the features of a trained D",
        description="Measure how well the features of a trained D classify images if few labels "
        "are known (section 7 of the paper). Fit the same logistic regression to pixels, to a "
        "hidden layer of D before and after training, and to the inference network E if minigan "
        "infer has trained one. Print the share of wrong answers for each number of labels: the "
        "mean of 10 balanced subsets with its standard error. Write errors.json, and given.csv "
        "with the images whose labels were used. This needs SciPy.",
    )
    labels.add_argument("run", type=path, metavar="RUN", help="use the D of this run folder")
    labels.add_argument(
        "--labels",
        type=count_type,
        nargs="+",
        metavar="N",
        default=(),
        help="use these numbers of labels (default: 2, 5, 10, 20, 50, 100 and 300 per class)",
    )
    labels.add_argument(
        "--layer",
        type=count_type,
        default=1,
        metavar="L",
        help="use the outputs of hidden layer L of D (default: 1)",
    )
    labels.add_argument(
        "--set",
        choices=("test", "validation"),
        default="test",
        help="classify these images; use validation to choose a layer (default: test)",
    )
    labels.add_argument(
        "--seed", type=seed, default=0, help="set the seed of the subsets (default: 0)"
    )
    labels.add_argument(
        "--out",
        type=path,
        metavar="FOLDER",
        help="write the files to this folder (default: RUN/labels)",
    )
    labels.add_argument(
        "--plot", type=path, metavar="FILE", help="also plot the errors to this .png, .svg or .pdf"
    )
    add_data_dir(labels, "load the data set from this folder (default: the folder of the run)")
    add_checkpoint(labels, "last")
    add_device(labels, "cpu")
    labels.add_argument("--json", action="store_true", help="print the errors as JSON")
    labels.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(labels)


def run(options: Any) -> int:
    """Print the folder and the table; returns the exit status."""
    from minigan.evaluation.logistic_head import import_minimize
    from minigan.reports import few_labels
    from minigan.reports.figures import label_curves, plots
    from minigan.reports.run_data import data_of_run
    from minigan.system import links
    from minigan.system.files import write_atomically
    from minigan.system.messages import say, stderr

    import_minimize()
    if options.plot:
        plots.require_matplotlib(options.plot)
    features = few_labels.features_of_run(
        options.run,
        options.layer,
        options.checkpoint,
        options.device or "cpu",
        lambda text: say(f"note: {text}"),
    )
    data = data_of_run(options.run, options.data_dir)
    labels = few_labels.counts_of(data, options.labels)
    given = few_labels.subsets_of(data, labels, options.seed)
    out = options.out or links.inside(options.run, "labels")
    out.mkdir(parents=True, exist_ok=True)  # before the fits, which may take minutes
    quiet = options.quiet or not stderr().isatty()
    found = few_labels.few_labels(data, features, labels, given, options.layer, options.set, quiet)
    text = json.dumps(found.to_json(), indent=2, allow_nan=False) + "\n"
    write_atomically(out / "errors.json", text.encode())
    write_atomically(out / "given.csv", few_labels.csv_of(data, given))
    if options.plot:
        plot = label_curves.draw_label_curves(found, options.plot.suffix)
        write_atomically(options.plot, plot)
    if options.json:
        print(json.dumps({"out": str(out), **found.to_json()}))
    else:
        print(f"{out}\n{found}")
    return 0
