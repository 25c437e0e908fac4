"""The paper's Figures 2 and 3 of this G, where they can be drawn on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minigan.data.catalogue import CATALOGUE
from minigan.data.images import Images
from minigan.errors import UserError
from minigan.reports.figures import figure2, figure3
from minigan.reports.html.history import History
from minigan.reports.html.markup import Html, element, together
from minigan.reports.html.sheets import encoded_picture, size
from minigan.training import pictures, sampling

SEED = 0
BESIDE = (
    "Random samples, not chosen; in the rightmost column, framed, the training example that is "
    "nearest to the sample on its left."
)
BETWEEN = (
    "From one z to another and what G makes of it: of each pair the straight way above, as in the "
    "paper, and the way round the sphere below."
)
OF_DIGITS = (
    "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning "
    "Repository, 1998, CC BY 4.0"
)


@dataclass(frozen=True)
class Figure:
    """A picture as a PNG file, with its title and the words that belong below it."""

    title: str
    png: bytes
    words: str


def draw(history: History, tell: Callable[[str], None]) -> tuple[list[Figure], str]:
    """The figures of the best checkpoint, or of the last; and why there are not more, if so.

    Figure 3 needs no data, Figure 2 the training examples.
    """
    shape = history.environment["data"]["shape"]
    if len(shape) != 3:
        return [], "The paper's Figures 2 and 3 are of images; these data are points."
    which = "best" if "best" in history.checkpoints else "last"
    try:
        sampler = sampling.load_sampler(history.path, which)
    except UserError as error:
        return [], f"There are no figures: {error}."
    found, missing = [], f"Figure 2 needs the training examples: {history.without_data}."
    title = f"of G as the {which} checkpoint has it"
    if history.data and isinstance(history.data.train, Images):
        assert isinstance(history.data.test, Images)
        tell("figure 2")
        beside, check = figure2.draw(sampler, history.data.train, history.data.test, SEED)
        words = f"{BESIDE} {check}{_credit(history.data.name)}"
        found.append(Figure(f"Figure 2, {title}", pictures.png(beside), words))
        missing = ""
    tell("figure 3")
    between, paths = figure3.draw(sampler, (shape[0], shape[1], shape[2]), SEED)
    words = f"{BETWEEN} {paths}"
    found.append(Figure(f"Figure 3, {title}", pictures.png(between), words))
    return found, missing


def _credit(name: str) -> str:
    """Whose examples the figure shows; nothing for pictures of the user's own."""
    if name in CATALOGUE:
        return f" Examples: {CATALOGUE[name].title}, {CATALOGUE[name].licence}."
    return f" Examples: {OF_DIGITS}." if name == "digits" else ""


def figures(found: list[Figure], missing: str) -> Html:
    """The figures below each other, and the sentence on those that are missing."""
    parts = [
        element(
            "figure",
            element("figcaption", element("b", figure.title)),
            encoded_picture(figure.png, *size(figure.png), figure.title),
            element("p", figure.words),
            class_="drawn",
        )
        for figure in found
    ]
    return together([*parts, element("p", missing) if missing else Html("")])
