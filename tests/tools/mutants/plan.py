"""Which files are mutated, and which tests run on each mutant."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CORE = (
    "minigan/arrays.py",
    "minigan/layers/layer.py",
    "minigan/layers/dropout.py",
    "minigan/layers/linear.py",
    "minigan/layers/maxout.py",
    "minigan/layers/relu.py",
    "minigan/layers/sigmoid.py",
    "minigan/objectives/equation_1.py",
    "minigan/objectives/objective.py",
    "minigan/objectives/minimax_game.py",
    "minigan/objectives/non_saturating_game.py",
    "minigan/parameters.py",
    "minigan/trace.py",
    "minigan/network.py",
    "minigan/schedules.py",
    "minigan/optimizers/momentum.py",
    "minigan/finite.py",
    "minigan/game.py",
    "minigan/algorithm_1.py",
    "minigan/draws/streams.py",
    "minigan/draws/minibatches.py",
    "minigan/draws/noise.py",
)
# The other files with formulas: each is tested by its own test file and by these neighbours.
NEIGHBOURS = {
    "minigan/layers/windows.py": (),
    "minigan/layers/patches.py": ("tests/layers/test_convolution.py",),
    "minigan/layers/convolution.py": (),
    "minigan/layers/channel_maxout.py": (),
    "minigan/layers/max_pooling.py": (),
    "minigan/layers/parallel.py": (),
    "minigan/layers/deconvolution.py": (),
    "minigan/layers/composite.py": (),
    "minigan/layers/addition.py": (),
    "minigan/objectives/margin.py": (),
    "minigan/objectives/least_squares_game.py": ("tests/objectives/test_objective.py",),
    "minigan/objectives/maximum_likelihood_game.py": ("tests/objectives/test_objective.py",),
    "minigan/objectives/wasserstein_game.py": ("tests/objectives/test_objective.py",),
    "minigan/objectives/relativistic_game.py": ("tests/objectives/test_objective.py",),
    "minigan/objectives/penalties.py": ("tests/objectives/test_second_order.py",),
    "minigan/objectives/second_order.py": ("tests/objectives/test_penalties.py",),
    "minigan/optimizers/adam.py": (),
    "minigan/optimizers/rmsprop.py": (),
    "minigan/optimizers/adjusted.py": ("tests/optimizers/test_clipped.py",),
    "minigan/optimizers/clipped.py": (),
    "minigan/optimizers/column_norms.py": (),
    "minigan/optimizers/blocks.py": (),
    "minigan/theory/convergence.py": (),
    "minigan/theory/criterion.py": (),
    "minigan/theory/demonstration.py": (),
    "minigan/theory/densities.py": (),
    "minigan/theory/discriminator.py": (),
    "minigan/theory/divergences.py": (),
    "minigan/theory/fixed_point.py": (),
    "minigan/theory/smoothing.py": (),
    "minigan/theory/statements.py": (),
    "minigan/theory/later_statements.py": (),
    "minigan/theory/rows.py": (),
    "minigan/theory/two_masses.py": (),
    "minigan/theory/wasserstein.py": (),
    "minigan/theory/line.py": (),
    "minigan/theory/critic.py": (),
    "minigan/theory/relatives/adversarial.py": (),
    "minigan/theory/relatives/cae.py": (),
    "minigan/theory/relatives/dbn.py": (),
    "minigan/theory/relatives/gsn.py": (),
    "minigan/theory/relatives/nce.py": (),
    "minigan/theory/relatives/predictability.py": (),
    "minigan/theory/relatives/rbm.py": (),
    "minigan/theory/relatives/rbm_exact.py": (),
    "minigan/theory/relatives/vae.py": (),
    "minigan/theory/relatives/visible_units.py": (),
    "minigan/theory/table2/autocorrelation.py": (),
    "minigan/theory/table2/contrastive.py": (),
    "minigan/theory/table2/detailed_balance.py": (),
    "minigan/theory/table2/elbo_gap.py": (),
    "minigan/theory/table2/jacobian_sampler.py": (),
    "minigan/theory/table2/mean_field.py": (),
    "minigan/theory/table2/parzen_bias.py": (),
    "minigan/theory/table2/parzen_line.py": (),
    "minigan/theory/table2/walks.py": (),
    "minigan/evaluation/parzen.py": ("tests/evaluation/test_protocol.py",),
    "minigan/evaluation/protocol.py": (),
    "minigan/evaluation/nearest.py": (),
    "minigan/evaluation/kmeans.py": (),
    "minigan/evaluation/modes.py": (),
    "minigan/evaluation/classes.py": (),
    "minigan/evaluation/diversity.py": (),
    "minigan/evaluation/likelihood_curves.py": (),
    "minigan/evaluation/baselines.py": (),
    "minigan/evaluation/quality.py": (),
    "minigan/evaluation/classifier.py": (),
    "minigan/evaluation/few_labels.py": (),
    "minigan/evaluation/logistic_head.py": (),
    "minigan/evaluation/frechet.py": (),
    "minigan/evaluation/image_statistics.py": (),
    "minigan/evaluation/principal.py": (),
    "minigan/evaluation/spectrum.py": (),
    "minigan/evaluation/residual.py": (),
    "minigan/evaluation/inference.py": (),
    "minigan/gradcheck/differences.py": (),
    "minigan/gradcheck/noise.py": ("tests/gradcheck/test_differences.py",),
    "minigan/gradcheck/numeric.py": (),
    "minigan/gradcheck/tracing.py": ("tests/gradcheck/test_checking.py",),
    "minigan/gradcheck/rounding.py": ("tests/gradcheck/test_checking.py",),
    "minigan/gradcheck/comparison.py": ("tests/gradcheck/test_diagnosis.py",),
    "minigan/gradcheck/factors.py": ("tests/gradcheck/test_diagnosis.py",),
    "minigan/gradcheck/examine.py": (),
    "minigan/training/averaging.py": (),
    "minigan/training/collapse.py": (),
    "minigan/training/metrics.py": (),
    "minigan/selfcheck/functions.py": ("tests/selfcheck/test_built_in.py",),
}
FILES = (*CORE, *NEIGHBOURS)
TOGETHER = (
    "tests/layers/test_layer_properties.py",
    "tests/layers/test_network_properties.py",
    "tests/selfcheck/test_steps.py",
)
SELFCHECKS = ("tests/selfcheck/test_functions.py", "tests/selfcheck/test_built_in.py")
SELFCHECK = "tests/selfcheck/test_selfcheck.py"
# It plants bugs of its own and checks each: slow, and it tests nothing of the core that the
# self-check of the unchanged code does not test.
LEFT_OUT = f"{SELFCHECK}::test_a_wrong_sign_anywhere_is_seen"


def mirror(file: str) -> str:
    """The test file of a source file: minigan/a/b.py is tested by tests/a/test_b.py."""
    path = Path(file)
    return str(Path("tests", *path.parts[1:-1], f"test_{path.name}"))


def tests_for(file: str) -> list[str]:
    """The arguments for pytest: the file's own tests first.

    For a file of the core, the tests of the whole core follow; for another file, its neighbours.
    """
    if file in NEIGHBOURS:
        chosen = [mirror(file), *NEIGHBOURS[file]]
    else:
        others = [mirror(other) for other in CORE]
        chosen = list(dict.fromkeys([mirror(file), *others, *TOGETHER, *SELFCHECKS, SELFCHECK]))
    return [*chosen, f"--deselect={LEFT_OUT}"] if SELFCHECK in chosen else chosen


def snapshot(folder: Path) -> Path:
    """A copy of the package and its tests: edits during the run do not change the run."""
    ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
    for name in ("minigan", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder
