"""Open a run's report in headless Chromium, use it, and refuse it where anything is amiss.

    python tests/tools/browser_report.py RUN [--pictures FOLDER]

Checked: no message in the console, no request but for the file itself, no wider than its window;
the slider by keys, Play, a curve by mouse and keys; light, dark, 390 pixels wide, without scripts.
"""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from browser import Browser

from minigan.reports import html
from minigan.reports.html import svg

SHOWN = "[...document.querySelectorAll('.sheet')].findIndex((one) => one.checkVisibility())"
COUNT = "document.querySelectorAll('.sheet').length"
CURVE = "document.querySelector('.curve svg')"
WORDS = "document.querySelector('.curve output').textContent"
WIDEST = "document.documentElement.scrollWidth"


def expect(words: str, found: Any, wanted: Any) -> None:
    """Print what was checked, or end the script."""
    if found != wanted:
        sys.exit(f"{words}: found {found!r}, wanted {wanted!r}")
    print(f"{words}: {found!r}")


def check_the_slider(browser: Browser) -> None:
    """Keys move it, and one sheet at a time is seen."""
    last = browser.value(COUNT) - 1
    expect("the last sheet is shown", browser.value(SHOWN), last)
    expect("the controls are there", browser.value("controls.checkVisibility()"), True)
    browser.value("slider.focus()")
    for key, sheet in (("ArrowLeft", last - 1), ("Home", 0), ("ArrowRight", 1), ("End", last)):
        browser.press(key)
        expect(f"after {key} sheet", browser.value(SHOWN), sheet)
    seen = "[...document.querySelectorAll('.sheet')].filter((one) => !one.hidden).length"
    expect("sheets seen at a time", browser.value(seen), 1)
    browser.value("play.click()")
    expect("Play begins at sheet", browser.value(SHOWN), 0)
    end = time.monotonic() + 30
    while browser.value("play.textContent") != "Play" and time.monotonic() < end:
        time.sleep(0.2)
    expect("and ends at sheet", browser.value(SHOWN), last)
    pixels = browser.value("document.querySelectorAll('.sheet img')[0].naturalWidth > 0")
    expect("the first sheet's pixels are there", pixels, True)


def check_a_curve(browser: Browser) -> None:
    """Mouse and keys read its points, and they lie where the picture shows them."""
    points = browser.value(f"JSON.parse({CURVE}.dataset.points)")
    expect("the words of the last point", browser.value(WORDS), points[-1][1])
    browser.value(f"{CURVE}.scrollIntoView({{block: 'center'}})")
    box = browser.value(f"{CURVE}.getBoundingClientRect().toJSON()")
    scale = box["width"] / svg.WIDTH
    middle = points[len(points) // 2]
    browser.move(box["x"] + middle[0] * scale, box["y"] + middle[2] * scale)
    expect("the words under the mouse", browser.value(WORDS), middle[1])
    dot = browser.value(
        f"(() => {{ const r = {CURVE}.querySelector('circle.cursor').getBoundingClientRect();"
        "return [r.x + r.width / 2, r.y + r.height / 2] })()"
    )
    away = [dot[0] - box["x"] - middle[0] * scale, dot[1] - box["y"] - middle[2] * scale]
    expect("the dot is there, within a pixel", max(map(abs, away)) < 1, True)
    browser.move(1, 1)
    expect("without the mouse", browser.value(WORDS), points[-1][1])
    browser.value(f"{CURVE}.focus()")
    browser.press("ArrowLeft")
    expect("one point back by key", browser.value(WORDS), points[-2][1])
    browser.press("Home")
    expect("the first point by key", browser.value(WORDS), points[0][1])


def check_the_policy(browser: Browser, path: Path) -> None:
    """A script that got into the page all the same does not run."""
    text = path.read_text("utf-8").replace("<main>", "<main><script>document.title = 'a'</script>")
    with tempfile.TemporaryDirectory() as folder:
        evil = Path(folder) / "report.html"
        evil.write_text(text, "utf-8")
        browser.open(evil)
        expect("a planted script ran", browser.value("document.title") == "a", False)
        expect("and was complained of", any("Content Secur" in x for x in browser.console), True)


def check(path: Path, pictures: Path | None) -> None:
    """Every check of the report at `path`."""
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
        expect("dark is another colour", light != night, True)
        check_the_policy(browser, path)
        printed = base64.b64decode(browser.call("Page.printToPDF")["data"])
        expect("it can be printed", printed[:4], b"%PDF")
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(path)
        last = browser.value(COUNT) - 1
        expect("without scripts the last sheet is shown", browser.value(SHOWN), last)
        expect("and no controls", browser.value("controls.checkVisibility()"), False)


def main() -> None:
    """Write the report of a run into a folder of its own, and check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--pictures", type=Path, help="keep screenshots in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        check(html.write(options.run, Path(folder) / "report.html"), options.pictures)


if __name__ == "__main__":
    main()
