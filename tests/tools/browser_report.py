"""Check the HTML report of a run in headless Chromium.

    python tests/tools/browser_report.py RUN [--pictures FOLDER]

The page must write no console message, request only its own file, and fit the window's width. The
slider is used with keys, the Play button is clicked, and a curve is read with mouse and keys. The
page is opened in light and in dark mode, 390 pixels wide, and with scripts disabled. The first
failed check ends the script with exit status 1.
"""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from browser import QT, Browser

from minigan.reports import html
from minigan.reports.html import svg

SHOWN = "[...document.querySelectorAll('.sheet')].findIndex((one) => one.checkVisibility())"
COUNT = "document.querySelectorAll('.sheet').length"
CURVE = "document.querySelector('.curve svg')"
LABEL = "document.querySelector('.curve output').textContent"
WIDEST = "document.documentElement.scrollWidth"


def expect(what: str, found: Any, expected: Any) -> None:
    """Print the checked value, or exit with an error if it is not the expected one."""
    if found != expected:
        sys.exit(f"{what}: found {found!r}, expected {expected!r}")
    print(f"{what}: {found!r}")


def check_the_slider(browser: Browser) -> None:
    """Check the keys of the slider and the Play button: one sheet is visible at a time."""
    last = browser.value(COUNT) - 1
    expect("the last sheet is shown", browser.value(SHOWN), last)
    expect("the controls are visible", browser.value("controls.checkVisibility()"), True)
    browser.value("slider.focus()")
    for key, sheet in (("ArrowLeft", last - 1), ("Home", 0), ("ArrowRight", 1), ("End", last)):
        browser.press(key)
        expect(f"after {key} sheet", browser.value(SHOWN), sheet)
    seen = "[...document.querySelectorAll('.sheet')].filter((one) => !one.hidden).length"
    expect("visible sheets", browser.value(seen), 1)
    browser.value("play.click()")
    expect("Play starts at sheet", browser.value(SHOWN), 0)
    end = time.monotonic() + 30
    while browser.value("play.textContent") != "Play" and time.monotonic() < end:
        time.sleep(0.2)
    expect("Play ends at sheet", browser.value(SHOWN), last)
    pixels = browser.value("document.querySelectorAll('.sheet img')[0].naturalWidth > 0")
    expect("the first sheet's image is loaded", pixels, True)


def check_a_curve(browser: Browser) -> None:
    """Check that mouse and keys select the points of a curve, and the position of the cursor."""
    points = browser.value(f"JSON.parse({CURVE}.dataset.points)")
    expect("label of the last point", browser.value(LABEL), points[-1][1])
    browser.value(f"{CURVE}.scrollIntoView({{block: 'center'}})")
    box = browser.value(f"{CURVE}.getBoundingClientRect().toJSON()")
    scale = box["width"] / svg.WIDTH
    middle = points[len(points) // 2]
    browser.move(box["x"] + middle[0] * scale, box["y"] + middle[2] * scale)
    expect("label under the mouse", browser.value(LABEL), middle[1])
    dot = browser.value(
        f"(() => {{ const r = {CURVE}.querySelector('circle.cursor').getBoundingClientRect();"
        "return [r.x + r.width / 2, r.y + r.height / 2] })()"
    )
    away = [dot[0] - box["x"] - middle[0] * scale, dot[1] - box["y"] - middle[2] * scale]
    expect("the cursor is within a pixel of the point", max(map(abs, away)) < 1, True)
    browser.move(1, 1)
    expect("label without the mouse", browser.value(LABEL), points[-1][1])
    browser.value(f"{CURVE}.focus()")
    browser.press("ArrowLeft")
    expect("label after ArrowLeft", browser.value(LABEL), points[-2][1])
    browser.press("Home")
    expect("label after Home", browser.value(LABEL), points[0][1])


def check_the_policy(browser: Browser, path: Path) -> None:
    """Check that the page's Content Security Policy blocks an injected script."""
    text = path.read_text("utf-8").replace("<main>", "<main><script>document.title = 'a'</script>")
    with tempfile.TemporaryDirectory() as folder:
        injected = Path(folder) / "report.html"
        injected.write_text(text, "utf-8")
        browser.open(injected)
        expect("an injected script ran", browser.value("document.title") == "a", False)
        expect("and was reported", any("Content Secur" in x for x in browser.console), True)


def check(path: Path, pictures: Path | None) -> None:
    """Run all checks of the report at `path`."""
    with Browser() as browser:
        for width, dark in ((1100, False), (1100, True), (390, False)):
            browser.open(path, width, dark)
            shade = "dark" if dark else "light"
            check_the_slider(browser)
            check_a_curve(browser)
            expect(f"pixels beyond {width}, {shade}", max(0, browser.value(WIDEST) - width), 0)
            expect("messages in the console", browser.console, [])
            outside = [one for one in browser.requests if not one.startswith("data:image/png;")]
            expect("requests", outside, [path.resolve().as_uri()])
            if pictures:
                pictures.mkdir(parents=True, exist_ok=True)
                browser.screenshot(pictures / f"report-{width}-{shade}.png")
        light = browser.value("getComputedStyle(document.body).backgroundColor")
        browser.open(path, dark=True)
        night = browser.value("getComputedStyle(document.body).backgroundColor")
        expect("the background differs in dark mode", light != night, True)
        check_the_policy(browser, path)
        if browser.program != QT:  # which has no command for it
            printed = base64.b64decode(browser.call("Page.printToPDF")["data"])
            expect("the print is a PDF file", printed[:4], b"%PDF")
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(path)
        last = browser.value(COUNT) - 1
        expect("without scripts the last sheet is visible", browser.value(SHOWN), last)
        expect(
            "without scripts the controls are visible",
            browser.value("controls.checkVisibility()"),
            False,
        )


def main() -> None:
    """Write the report of a run into a temporary folder, and check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--pictures", type=Path, help="write screenshots into this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        check(html.write(options.run, Path(folder) / "report.html"), options.pictures)


if __name__ == "__main__":
    main()
