"""The section with the image and class statistics of the last checkpoint."""

from __future__ import annotations

from collections.abc import Callable

from minigan.data.images import Images
from minigan.errors import UserError
from minigan.reports import class_quality, image_quality
from minigan.reports.html.history import History
from minigan.reports.html.markup import Html, element, html_table, join, signed


def quality_section(history: History, log: Callable[[str], None]) -> Html:
    """The tables, or the reason why there is none. Empty for a run on points without classes."""
    data = history.data
    if data is None:
        return element("p", f"The training examples are needed: {history.data_error}.")
    tables = []
    try:
        if isinstance(data.train, Images):
            log("the image statistics")
            tables.append(_images(image_quality.quality_of_run(history.path, data)))
        if history.recipe.conditional:
            log("the classes")
            classes = class_quality.class_quality_of_run(history.path, data)
            tables += [_classes(classes)] if classes else []
    except UserError as error:
        tables.append(element("p", f"The numbers could not be computed: {error}."))
    return join(tables)


def _classes(found: class_quality.ClassQuality) -> Html:
    rows = [[row.name, *class_quality.class_texts(row)] for row in found.rows]
    rows.append([element("b", "all"), f"{100 * found.own:.1f} %", ""])
    text = (
        f"{found.rows[0].count:,} samples of each class. own class: share of the samples that show "
        f"their class, {found.criterion}. diversity: median distance to the nearest other sample "
        "of the class, divided by that of real examples."
    )
    table = html_table(["class", *class_quality.HEADINGS], rows, "baselines")
    return join([element("p", text), table])


def _images(found: image_quality.ImageQuality) -> Html:
    """The table of the image statistics."""
    cells = [
        [
            element("b", row.name) if row is found.rows[0] else row.name,
            *map(signed, image_quality.row_texts(row)),
        ]
        for row in found.rows
    ]
    text = (
        f"{found.count:,} images of each kind, compared with {found.train:,} training images. "
        "nearest: median distance to the nearest training image, divided by that of held-out "
        "images; below 1 for copies and for smooth images. Frechet: distance of the pixels "
        "averaged to 8 x 8. components: share of the variance along the first 10 principal "
        "components. slope: exponent of the power spectrum."
    )
    table = html_table(["images", *image_quality.HEADINGS], cells, "baselines")
    return join([element("p", text), table])
