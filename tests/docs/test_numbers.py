"""The measured numbers of the pages are those of their records, and docs/numbers.md names them all.

Pages whose tables have a test beside the code that makes them are not repeated here: results.md
(tests/reports/table1), coordination.md, completion.md, figures.md and collapse.md (tests/reports).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest

from minigan.bench.tables import Measurements, read

DOCS = Path(__file__).resolve().parents[2] / "docs"
RECORDS = DOCS / "results"
GENERATED = {"results-of-benchmarks", "mutants", "kernel-faults", "reference", "index", "numbers"}


def record(name: str) -> Any:
    return json.loads((RECORDS / f"{name}.json").read_text("utf-8"))


def words(page: str) -> str:
    """The text of a page on one line."""
    return " ".join((DOCS / page).read_text("utf-8").split())


def five_seeds() -> Iterator[tuple[str, str]]:
    """Table 1's row, wherever it is repeated."""
    runs = [record(f"mnist-seed-{seed}") for seed in range(1, 6)]
    scores = [run["test"]["LL"] for run in runs]
    average, spread = f"{mean(scores):.1f}", f"{stdev(scores):.1f}"
    finer = f"{mean(run['finer']['LL'] for run in runs):.1f}"
    alone = [run["theta_g"]["LL"] for run in runs]
    lowest, highest = f"{min(alone):.0f}", f"{max(alone):.0f}"
    first, published = runs[0], record("published-seed-1")
    LL = f"{first['test']['LL']:.1f} ± {first['test']['error']:.1f}"
    yield "results.md", f"The recipe `mnist` has a mean of {average} over five seeds."
    yield (
        "results.md",
        f"a mean of {average} and a standard deviation of {spread} between seeds "
        f"({min(scores):.1f} to {max(scores):.1f}). With the finer grid of sigma the mean is "
        f"{finer}.",
    )
    yield "results.md", f"the same snapshots score {lowest} to {highest}."
    yield "results.md", f"theta_g itself scores {mean(alone):.0f} ± {stdev(alone):.0f}"
    yield (
        "results.md",
        f"published-seed-1, scores {published['test']['LL']:.1f} ± "
        f"{published['test']['error']:.1f} after {published['epochs']:.0f} of its 250 epochs",
    )
    minutes = sorted(run["seconds"] / 60 for run in runs)
    yield "results.md", f"40 epochs took {minutes[0]:.0f} to {minutes[-1]:.0f} minutes"
    yield "results.md", f"snapshot of mnist-seed-1 has {alone[0]:.1f}."
    yield (
        "../README.md",
        f"here {average} on average over five seeds** (deviation between seeds {spread})",
    )
    yield "../README.md", f"the same runs score {lowest} to {highest}"
    yield "evaluation.md", f"the pretrained G, which scores {LL}"
    yield "conditional.md", f"`mnist`, which has no classes, has {LL} with seed 1"
    gain = mean(run["finer"]["LL"] for run in runs) - mean(scores)
    yield "details.md", f"a finer grid: {gain:.0f} nats more (mean of five seeds)"
    yield "details.md", f"the spread of {stdev(scores):.0f} nats between seeds"


def baselines() -> Iterator[tuple[str, str]]:
    """The scores of `minigan parzen mnist`; those of G are those of the record of its training."""
    found = {row["name"]: row for row in record("evaluation/mnist")["rows"]}
    trained = record("mnist-seed-1")
    for name, part in (("pretrained mnist", "test"), ("pretrained mnist, finer sigma", "finer")):
        for key in ("LL", "error"):
            assert found[name][key] == pytest.approx(trained[part][key], abs=0.06)
    few, perfect = (found[f"{count} training images"]["LL"] for count in ("1,000", "10,000"))
    yield "results.md", f"10,000 training images, scores {perfect}."
    yield "results.md", f"1,000 training images score {few:.0f}."
    yield "details.md", f"instead of 10,000: {few:.0f} instead of {perfect:.0f} nats"
    assert found["k-means, 1,000 centres"]["LL"] > perfect  # as evaluation.md says


def single_runs() -> Iterator[tuple[str, str]]:
    """The findings from the validation curves of single runs."""
    curves = {
        name: {round(one["epoch"]): one["validation_LL"] for one in record(name)["curve"]}
        for name in (
            "mnist-seed-1",
            "N3",
            "input-dropout-seed-1",
            "r2",
            "a-base",
            "b-hidden08",
            "r2h04",
        )
    }
    yield (
        "results.md",
        f"After 20 epochs it had a validation score of {curves['N3'][20]:.0f}, compared with "
        f"{curves['mnist-seed-1'][20]:.0f} for mnist-seed-1.",
    )
    yield (
        "results.md",
        f"had {curves['input-dropout-seed-1'][4]:.0f} on validation images after 4 epochs, "
        f"compared with {curves['N3'][4]:.0f} for N3.",
    )
    assert curves["r2"][10] - curves["a-base"][10] == pytest.approx(60, abs=5)
    assert curves["a-base"][10] - curves["b-hidden08"][10] == pytest.approx(100, abs=5)
    assert curves["r2"][8] - curves["r2h04"][8] == pytest.approx(10, abs=2)


def at_rest() -> Iterator[tuple[str, str]]:
    def cell(value: dict[str, float]) -> str:
        return f"{value['validation_LL']:.1f} ({value['variance']:.1f})"

    for file in sorted((RECORDS / "at-rest").glob("*.json")):
        found = record(f"at-rest/{file.stem}")
        end = found["curve"][-1]
        averages = [one["average_g"] for one in found["curve"]]
        best = max(averages, key=lambda value: value["validation_LL"])
        shown = (end["theta_g"], best, end["average_g"])
        link = f"[{file.stem}](results/at-rest/{file.name})"
        epochs = f"{end['iteration'] / 500:.0f}"
        yield "results.md", f"| {link} | {epochs} | {' | '.join(map(cell, shown))} |"
        if "training_images" in found:
            yield "results.md", f"in place of samples have {cell(found['training_images'])}."


def conditional() -> Iterator[tuple[str, str]]:
    for name in ("digits", "mnist", "ring"):
        found = record(f"conditional/{name}")
        own = [f"{100 * run['own']:.1f}" for run in found["runs"]]
        diversities = [row["diversity"] for run in found["runs"] for row in run["rows"]]
        ends = f"{min(diversities):.2f}, {max(diversities):.2f}"
        if name == "ring":
            share = mean(100 * run["own"] for run in found["runs"])
            text = f"| `ring-conditional`, seeds 1 to 5 | {', '.join(own)} %; mean {share:.1f} % | "
            yield "conditional.md", text
        else:
            right = f"{100 * (1 - found['runs'][0]['classifier_error']):.1f} % (test images)"
            yield (
                "conditional.md",
                f"| `{name}-conditional`, seed 1 | {own[0]} % | {right} | {ends} |",
            )
        yield "conditional.md", f"| {ends} | [record](results/conditional/{name}.json) |"
    score = record("conditional/mnist")["runs"][0]["parzen"]
    yield (
        "conditional.md",
        f"seed 1: {score['LL']:.1f} ± {score['error']:.1f} nats for the 10,000 test",
    )
    yield "conditional.md", f"each class and sigma {score['sigma']:.4f}, selected"


def inference() -> Iterator[tuple[str, str]]:
    names = ("mnist", "mnist-z-10000", "mnist-z-1000-refined", "digits", "digits-z")
    for name in names:
        found = record(f"inference/{name}")
        loss = found.get("loss", "z")  # the older records have no other
        r_squared = f"{found['r_squared']:.3f}".replace("-", "\N{MINUS SIGN}")
        refined = f" {found['refined']:.2f} ({found['steps']})" if found["refined"] else ""
        features = f" {100 * found['by_features']:.2f} %" if "by_features" in found else ""
        yield (
            "inference.md",
            f"| {found['count']:,} test | {loss} ({found['updates']:,}) | {r_squared} | "
            f"{found['residual']:.2f} | {found['ratio']:.3f} |{refined} | "
            f"{100 * found['by_code']:.2f} % |{features} | "
            f"{100 * found['by_pixels']:.2f} % | [record](results/inference/{name}.json) |",
        )
    mnist, digits = (record(f"inference/{name}") for name in ("mnist", "digits"))
    better = mnist["count"] * (mnist["by_features"] - mnist["by_pixels"])
    yield "inference.md", f"a difference of {better:.0f} of the {mnist['count']:,} images"
    worse = digits["count"] * (digits["by_pixels"] - digits["by_features"])
    yield "inference.md", f"worse than pixels by {worse:.0f} of {digits['count']} images"
    for found in (mnist, digits):
        yield "inference.md", f"{found['neighbours']:,} "
    fewer = 100 * (mnist["by_pixels"] - record("inference/mnist-z-10000")["by_pixels"])
    yield "inference.md", f"which cost pixels {fewer:.2f} points"


def few_labels() -> Iterator[tuple[str, str]]:
    for name in ("mnist", "digits"):
        found = record(f"few-labels/{name}")
        for i, labels in enumerate(found["labels"]):
            percent = {key: [100 * one for one in rows[i]] for key, rows in found["errors"].items()}
            pairs = zip(percent["pixels"], percent["D"], strict=True)
            percent["difference"] = [pixels - D for pixels, D in pairs]
            cells = [
                f"{mean(values):.2f} ± {stdev(values) / len(values) ** 0.5:.2f}"
                for values in percent.values()
            ]
            yield "few-labels.md", f"| {labels:,} | {' | '.join(cells)} |"
    errors = record("few-labels/digits")["errors"]
    pairs = zip(errors["E"], errors["pixels"], strict=True)
    worse = [100 * (mean(E) - mean(pixels)) for E, pixels in pairs]
    yield (
        "few-labels.md",
        f"On the digits E is worse by {min(worse):.1f} to {max(worse):.1f} points",
    )
    errors = record("few-labels/mnist")["errors"]
    pairs = zip(errors["pixels"][1:], errors["E"][1:], strict=True)
    better = [100 * (mean(pixels) - mean(E)) for pixels, E in pairs]
    text = f"E is better than pixels by {min(better):.1f} to {max(better):.1f} points"
    yield "few-labels.md", text


def table2() -> Iterator[tuple[str, str]]:
    """The Parzen estimate by dimension; the cells are compared in tests/reports/table2."""
    cells = record("table2/table2")["cells"]
    key = ("evaluating", "autoencoders")
    (found,) = (one["measured"] for one in cells if (one["row"], one["column"]) == key)
    for dimensions, bias in found["details"]["bias"].items():
        digits = 4 if int(dimensions) < 8 else 1
        yield "table2.md", f"| {dimensions} | {bias:.{digits}f} |"


def benchmark_goals() -> Iterator[tuple[str, str]]:
    """The table of goals of performance.md, one column for each full report."""
    folder = DOCS.parent / "benchmarks" / "results"
    reports = [read(file) for file in sorted(folder.glob("xeon-2-cores-*.json"))]
    minigan, beside = "minigan", "minigan / this"
    for text, schedule, draws, who, ratio in (
        ("Algorithm 1 / limit | ≤ 1.15", "algorithm1", "drawn", minigan, "/ limit"),
        ("… with given random numbers | ", "algorithm1", "given", minigan, "/ limit"),
        ("Algorithm 1 / products alone | ≤ 1.30", "algorithm1", "drawn", minigan, "/ products"),
        ("Algorithm 1 / JAX jit | ≤ 0.80", "algorithm1", "drawn", "jax jit", beside),
        ("Algorithm 1 / PyTorch eager | ≤ 0.40", "algorithm1", "drawn", "torch eager", beside),
        ("Algorithm 1 / PyTorch compiled | ", "algorithm1", "drawn", "torch compiled", beside),
        ("simultaneous / its limit | ≤ 1.15", "simultaneous", "drawn", minigan, "/ limit"),
    ):
        key = {"schedule": schedule, "m": 100, "random numbers": draws, "who": who}
        cells = " | ".join(f"{float(value(one, 'peers', key, ratio)):.2f}" for one in reports)
        yield "performance.md", f"| {text} | {cells} |"
    sizes = {"m": 100, "width": 1.0}
    memory = [f"{float(value(one, 'growth by size', sizes, 'beyond')):.3g}" for one in reports]
    yield "performance.md", f"traces and data, MB | ≤ 20 | {' | '.join(memory)} |"


def section_2() -> Iterator[tuple[str, str]]:
    """Adversarial examples, and the likelihoods of a VAE, on MNIST."""
    for found in record("relatives/vae-mnist")["results"]:
        numbers = f"{found['elbo']:.1f} | {found['log_p']:.1f}".replace("-", "\N{MINUS SIGN}")
        yield "relatives/vae.md", f"| {found['updates']:,} | {numbers} |"
    last = record("relatives/adversarial-mnist")["results"][-1]
    for name, key in (("clean", "clean"), ("random signs", "random"), ("adversarial",) * 2):
        error, sure = (100 * last[f"{key}_{what}"] for what in ("error", "confidence_in_errors"))
        yield "relatives/adversarial.md", f"| {name} | {error:.1f} % | {sure:.1f} % |"


def value(report: Measurements, table: str, key: dict[str, Any], column: str) -> Any:
    """The value in this column of the row that has the values of `key`."""
    (found,) = (one for one in report.tables if one.name == table)
    names = [one.name for one in found.columns]
    rows = [dict(zip(names, row, strict=True)) for row in found.rows]
    (row,) = (row for row in rows if key.items() <= row.items())
    return row[column]


SOURCES = (
    five_seeds,
    baselines,
    single_runs,
    at_rest,
    conditional,
    inference,
    few_labels,
    table2,
    section_2,
    benchmark_goals,
)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_the_numbers_of_the_pages_are_those_of_their_records(source: Any) -> None:
    found = list(source())
    assert found
    assert [(page, text) for page, text in found if " ".join(text.split()) not in words(page)] == []


def test_every_page_says_where_its_numbers_come_from_or_has_none() -> None:
    page = (DOCS / "numbers.md").read_text("utf-8")
    linked = set(re.findall(r"\]\(([\w/-]+)\.md[)#]", page))
    pages = {one.relative_to(DOCS).with_suffix("").as_posix() for one in DOCS.rglob("*.md")}
    named = {one for one in pages if not one.startswith("zh/")} - GENERATED
    assert named - linked == set(), "add these pages to docs/numbers.md"


def test_every_record_is_named_beside_its_command() -> None:
    rows = re.findall(r"^\| \[.*$", (DOCS / "numbers.md").read_text("utf-8"), re.MULTILINE)
    linked = {name for row in rows for name in re.findall(r"\(results/([\w-]+/[\w.-]+)\)", row)}
    assert linked == {one.relative_to(RECORDS).as_posix() for one in RECORDS.glob("*/*.json")}
    assert [row for row in rows if "`" not in row.split("|")[3] and "relatives" not in row] == []
