"""The section with the paper's Figures 2 and 3, drawn with the G of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minigan.data.catalogue import CATALOGUE
from minigan.data.images import Images
from minigan.errors import UserError
from minigan.reports.figures import figure2, figure3
from minigan.reports.html.history import History
from minigan.reports.html.markup import Html, element, join
from minigan.reports.html.sheets import encoded_picture, size
from minigan.training import pictures, sampling
from minigan.training.recipes import Recipe

SEED = 0
FIGURE_2 = (
    "Random samples, without selection. The rightmost column, with frames, shows the training "
    "example that is nearest to the sample to its left."
)
FIGURE_3 = (
    "G(z) along paths between two points z. For each pair the upper row is the linear path, as in "
    "the paper, and the lower row is the spherical path."
)
OF_DIGITS = (
    "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning "
    "Repository, 1998, CC BY 4.0"
)


@dataclass(frozen=True)
class Figure:
    """A picture as the bytes of a PNG file, with its title and caption."""

    title: str
    png: bytes
    caption: str


def draw(history: History, log: Callable[[str], None]) -> tuple[list[Figure], str]:
    """The figures of the best checkpoint, or of the last one if no best checkpoint exists.

    The second result is a sentence that states why a figure is missing, or "". Figure 2 needs the
    training examples; Figure 3 does not. `log` is called with the name of each figure.
    """
    shape = history.environment["data"]["shape"]
    if len(shape) != 3:
        return [], "Figures 2 and 3 of the paper show images, but this run was trained on points."
    if not isinstance(history.recipe, Recipe):
        return [], (
            "Figures 2 and 3 of the paper show samples of a G and paths in z, but this run is that "
            f"of a {history.recipe.model_name}."
        )
    which = "best" if "best" in history.checkpoints else "last"
    try:
        sampler = sampling.load_sampler(history.path, which, state=history.states.get(which))
    except UserError as error:
        return [], f"The figures could not be drawn: {error}."
    found, missing = [], f"Figure 2 needs the training examples: {history.data_error}."
    title = f"G of the {which} checkpoint"
    if history.data and isinstance(history.data.train, Images):
        held_out = history.data.held_out
        assert isinstance(held_out, Images)
        log("figure 2")
        picture, check = figure2.draw(sampler, history.data.train, held_out, SEED)
        caption = f"{FIGURE_2} {check}{_credit(history.data.name)}"
        found.append(Figure(f"Figure 2, {title}", pictures.png(picture), caption))
        missing = ""
    log("figure 3")
    normalised = history.recipe.data.contrast > 0
    picture, paths = figure3.draw(sampler, (shape[0], shape[1], shape[2]), SEED, normalised)
    found.append(Figure(f"Figure 3, {title}", pictures.png(picture), f"{FIGURE_3} {paths}"))
    return found, missing


def _credit(name: str) -> str:
    """The source and licence of the examples in the figure, or "" for the user's own images."""
    if name in CATALOGUE:
        return f" Examples: {CATALOGUE[name].title}, {CATALOGUE[name].licence}."
    return f" Examples: {OF_DIGITS}." if name == "digits" else ""


def figures_section(found: list[Figure], missing: str) -> Html:
    """The figures below each other, and the sentence about missing figures."""
    parts = [
        element(
            "figure",
            element("figcaption", element("b", figure.title)),
            encoded_picture(figure.png, *size(figure.png), figure.title),
            element("p", figure.caption),
            class_="drawn",
        )
        for figure in found
    ]
    return join([*parts, element("p", missing) if missing else Html("")])
