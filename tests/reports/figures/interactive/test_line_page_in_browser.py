"""The page of Figure 1 in Chromium: its controls, numbers and colours, on a screen and a phone.

The page has the games of docs/figure-1.html, whose numbers are the expected ones.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from browser import Browser

from minigan.reports.figures.interactive.line_page import LEGENDS, page_of_games

DOCS = Path(__file__).resolve().parents[4] / "docs"
GAMES = json.loads(
    re.search(r'id="recorded">(.*?)</script>', (DOCS / "figure-1.html").read_text("utf-8"))[1]
)["games"]
SHOWN = ("t", "V", "C", "JSD", "distance", "D_Gz")
# Of each element with a text of its own: the text, its colour, and the background behind it.
COLOURS = """
[...document.body.querySelectorAll(":not(script, noscript, title)")].filter(
  (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
).map((one) => {
  const style = getComputedStyle(one);
  let behind = one;
  while (/, 0\\)$/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  const colour = one instanceof SVGElement ? style.fill : style.color;
  return [one.textContent, colour, getComputedStyle(behind).backgroundColor];
})
"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium():
    with Browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "figure-1.html"
    path.write_bytes(page_of_games(GAMES))
    return path


@pytest.fixture
def page(chromium, path):
    """The page in a window of 1100 pixels; it must write no message and request nothing else."""
    chromium.open(path)
    yield chromium
    assert chromium.console == []
    assert set(chromium.requests) == {path.as_uri()}


def numbers(page):
    return [page.value(f"document.getElementById('number-{name}').textContent") for name in SHOWN]


def recorded(game, frame):
    return [str(game["frames"][frame][name]) for name in SHOWN]


def place(page, selector, share=0.5):
    """The point at a share of the width of an element, at half of its height."""
    box = page.value(f"document.querySelector('{selector}').getBoundingClientRect().toJSON()")
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def luminance(colour):
    """The relative luminance of WCAG 2, from 0 for black to 1 for white."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_keys_of_the_slider_show_the_recorded_numbers(page):
    last = len(GAMES[0]["frames"]) - 1
    assert numbers(page) == recorded(GAMES[0], 0)
    page.value("slider.focus()")
    steps = [("End", last), ("ArrowLeft", last - 1), ("Home", 0), *[("ArrowRight", None)] * 20]
    for presses, (key, frame) in enumerate(steps, start=-2):
        page.press(key)
        frame = presses if frame is None else frame
        assert (key, numbers(page)) == (key, recorded(GAMES[0], frame))
    at = GAMES[0]["frames"][20]
    said = page.value("slider.getAttribute('aria-valuetext')")
    assert said == f"iteration {at['t']}, JSD {at['JSD']} nats"


def test_the_same_keys_work_without_focus_and_the_ends_hold(page):
    for key, frame in [("ArrowRight", 1), ("End", -1), ("ArrowRight", -1), ("Home", 0)]:
        page.press(key)
        assert numbers(page) == recorded(GAMES[0], frame)


def test_the_mouse_moves_the_slider_to_any_frame(page):
    last = len(GAMES[0]["frames"]) - 1
    page.drag(*(place(page, "#slider", share) for share in (0.02, 0.3, 0.5)))
    middle = int(page.value("slider.value"))
    assert abs(middle - last / 2) <= 1
    assert numbers(page) == recorded(GAMES[0], middle)
    page.drag(place(page, "#slider", 0.999))
    assert numbers(page) == recorded(GAMES[0], last)


def test_a_finger_moves_the_slider_on_a_phone(page, path):
    page.open(path, width=360)
    page.swipe(*(place(page, "#slider", share) for share in (0.04, 0.2, 0.4, 0.6, 0.999)))
    assert numbers(page) == recorded(GAMES[0], -1)


def choose(page, game):
    """Click on the settings of a game."""
    for name in LEGENDS:
        first = next(i for i, one in enumerate(GAMES) if one[name] == game[name])
        page.drag(place(page, f'label:has([name="{name}"][value="{first}"])'))


def test_each_choice_of_settings_shows_its_own_game_at_the_same_frame(page):
    frame = min(len(game["frames"]) for game in GAMES) - 1
    page.value(f"move({frame})")
    seen = []
    for game in GAMES:
        choose(page, game)
        assert numbers(page) == recorded(game, frame)
        seen.append(page.value("document.querySelector('svg').outerHTML"))
    assert len(set(seen)) == len(GAMES) == 8


def test_a_game_that_diverged_ends_earlier_with_the_reason(page):
    page.press("End")
    failed = [game for game in GAMES if game["failed"]]
    assert len(failed) == 1
    choose(page, failed[0])
    page.value("slider.focus()")
    page.press("End")
    assert numbers(page) == recorded(failed[0], -1)
    reason = "document.getElementById('failed').textContent"
    assert page.value(reason) == failed[0]["failed"]
    page.value("move(0)")
    assert (numbers(page), page.value(reason)) == (recorded(failed[0], 0), "")


def test_the_curves_are_those_of_the_frame(page):
    """D_star in thousandths: the picture is 280 pixels high, up to recorded.top."""
    page.press("End")
    drawn = page.value("D_star.getAttribute('d')")
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", drawn)]
    expected = GAMES[0]["frames"][-1]["D_star"]
    top = page.value("recorded.top")
    assert [(280 - y) / 280 * top * 1000 for y in heights] == pytest.approx(expected, abs=0.3)


def test_it_plays_only_on_request_to_the_end_and_can_be_stopped(page, path):
    page.open(path, reduced_motion=True)
    time.sleep(0.4)
    assert page.value("document.getAnimations().length") == 0
    assert numbers(page) == recorded(GAMES[0], 0)
    page.press(" ")
    wait_until(page, "slider.value > 1")
    page.drag(place(page, "#play"))
    stopped = page.value("slider.value")
    time.sleep(0.4)
    assert page.value("[slider.value, play.textContent]") == [stopped, "Play"]
    page.value(f"move({len(GAMES[0]['frames']) - 3})")
    page.drag(place(page, "#play"))
    wait_until(page, "play.textContent === 'Play'")
    assert numbers(page) == recorded(GAMES[0], -1)


def wait_until(page, condition):
    end = time.monotonic() + 20
    while not page.value(condition):
        assert time.monotonic() < end, condition
        time.sleep(0.05)


def test_a_phone_of_360_pixels_shows_every_control_without_scrolling_sideways(page, path):
    page.open(path, width=360)
    assert page.value("document.documentElement.scrollWidth") == 360
    boxes = page.value(
        "[...document.querySelectorAll('label, button, #slider')]"
        ".map((one) => one.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) == 8
    for box in boxes:
        assert box["left"] >= 0
        assert box["right"] <= 360
        assert min(box["width"], box["height"]) >= 24


def test_every_text_is_readable_in_light_and_dark_mode(page, path):
    seen = []
    for dark in (False, True):
        page.open(path, dark=dark)
        colours = page.value(COLOURS)
        assert len(colours) > 25
        assert {text: ratio for text, *two in colours if (ratio := contrast(*two)) < 4.5} == {}
        seen.append((colours[0][1], colours[0][2]))
    (ink, paper), (ink_at_night, paper_at_night) = seen
    assert luminance(ink) < luminance(paper)
    assert luminance(ink_at_night) > luminance(paper_at_night)


def test_every_control_is_reached_with_tab_and_has_a_name(page):
    page.call("Accessibility.enable")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    named = {
        role: [node["name"]["value"] for node in nodes if node["role"]["value"] == role]
        for role in ("group", "radio", "slider", "button")
    }
    assert named == {
        "group": list(LEGENDS.values()),
        "radio": ["5", "1", "non-saturating", "minimax", "1", "0.25"],
        "slider": ["iteration"],
        "button": ["Play"],
    }
    reached = []
    for _ in range(5):
        page.press("Tab")
        reached.append(page.value("document.activeElement.name || document.activeElement.id"))
    assert reached == [*LEGENDS, "play", "slider"]
