"""The section with the image statistics of the last checkpoint."""

from __future__ import annotations

from collections.abc import Callable

from minigan.data.images import Images
from minigan.errors import UserError
from minigan.reports import image_quality
from minigan.reports.html.history import History
from minigan.reports.html.markup import Html, element, html_table, join, signed


def quality_section(history: History, log: Callable[[str], None]) -> Html:
    """The table, or the reason why there is none. Empty for a run on points."""
    data = history.data
    if data is None:
        return element("p", f"The training examples are needed: {history.data_error}.")
    if not isinstance(data.train, Images):
        return Html("")
    log("the image statistics")
    try:
        found = image_quality.quality_of_run(history.path, data)
    except UserError as error:
        return element("p", f"The numbers could not be computed: {error}.")
    cells = [
        [
            element("b", row.name) if row.name == image_quality.SAMPLES else row.name,
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
