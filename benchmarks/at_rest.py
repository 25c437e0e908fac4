"""Draw LL against variance for every record of docs/results/at-rest.

    python benchmarks/at_rest.py [--out docs/images/at-rest.png]

Each run has two lines over its training: theta_g itself (dotted) and its average (solid). The
filled area is the goal: LL at least 225 nats with a variance of at least 48. The star is 10,000
training images in place of samples. The records are those of `itself_and_average.py --json`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from matplotlib.figure import Figure

ROOT = Path(__file__).parents[1]
RECORDS = ROOT / "docs/results/at-rest"
GOAL = (48.0, 225.0)  # variance, LL


def draw(records: Path = RECORDS) -> Figure:
    """The picture of the records in a folder. A figure without pyplot needs no display."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.fill_between((GOAL[0], 56), GOAL[1], 245, color="0.9")
    for number, path in enumerate(sorted(records.glob("*.json"))):
        record = json.loads(path.read_text())
        for name, style in (("average_g", ".-"), ("theta_g", ".:")):
            points = [
                (line[name]["variance"], line[name]["validation_LL"]) for line in record["curve"]
            ]
            label = path.stem if name == "average_g" else None
            axes.plot(*zip(*points, strict=True), style, color=f"C{number}", label=label)
        if images := record.get("training_images"):
            axes.plot(images["variance"], images["validation_LL"], "k*", markersize=10)
    axes.set(xlim=(28, 56), ylim=(125, 245))
    axes.set_xlabel("sum of the variances of the pixels")
    axes.set_ylabel("LL of validation images (nats)")
    axes.legend(title="average solid, theta_g itself dotted", loc="lower left", fontsize="small")
    return figure


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images/at-rest.png")
    options = parser.parse_args()
    draw().savefig(options.out, dpi=100)


if __name__ == "__main__":
    main()
