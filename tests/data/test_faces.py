"""Synthetic faces: what is drawn, and that the expressions and people can be seen."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.data import faces
from minigan.data.faces import EXPRESSIONS, PEOPLE, SHAPES, SIDE

DRAWN = faces.draw_faces(280, "train")
EVEN = np.zeros((1, 10), np.float32), np.zeros((1, 6), np.float32)  # the mean person and pose


def neutral(**changes: float) -> np.ndarray:
    """The mean face (48, 48) with changes of the shape, by name."""
    shape = np.zeros((1, 6), np.float32)
    for name, value in changes.items():
        shape[0, ("angle", "height", "eyes", "curve", "open", "width").index(name)] = value
    return faces._drawn(EVEN[0], shape, EVEN[1])[0]


def test_faces_are_the_same_for_the_same_stream_and_differ_in_others() -> None:
    again, other = (faces.draw_faces(280, stream) for stream in ("train", "test"))
    np.testing.assert_array_equal(DRAWN.pixels, again.pixels)
    assert not np.array_equal(DRAWN.pixels, other.pixels)
    assert len(np.unique(DRAWN.pixels, axis=0)) == 280


def test_pixels_reach_from_black_to_white_and_every_expression_and_many_people_occur() -> None:
    assert (DRAWN.pixels.shape, DRAWN.pixels.dtype) == ((280, SIDE * SIDE), np.uint8)
    assert (DRAWN.pixels.min(), DRAWN.pixels.max()) == (0, 255)
    assert set(DRAWN.expressions) == set(range(len(EXPRESSIONS)))
    assert PEOPLE / 2 < len(set(DRAWN.people)) <= PEOPLE


def test_the_mean_face_is_symmetric() -> None:
    face = neutral()
    np.testing.assert_allclose(face, face[:, ::-1], atol=1e-5)


def test_the_corners_of_a_happy_mouth_are_up() -> None:
    def corner_minus_middle(curve: float) -> float:
        """The row of the darkest pixel at a corner of the mouth, minus that in the middle."""
        mouth = neutral(curve=curve)[30:42]
        corner, middle = mouth[:, 19].argmin(), mouth[:, 24].argmin()
        return float(corner) - float(middle)

    assert corner_minus_middle(0.2) < 0 < corner_minus_middle(-0.2)
    assert SHAPES[EXPRESSIONS.index("happiness")][3] > 0 > SHAPES[EXPRESSIONS.index("sadness")][3]


def test_an_open_mouth_is_dark_and_open_eyes_show_more_white() -> None:
    assert neutral(open=0.13)[30:42, 20:28].mean() < neutral()[30:42, 20:28].mean() - 0.1
    white = [(neutral(eyes=eyes)[16:27] > 0.85).sum() for eyes in (-0.4, 0.0, 0.7)]
    assert white[0] < white[1] < white[2]


def test_the_inner_ends_of_angry_brows_are_down() -> None:
    def rows(angle: float) -> tuple[float, float]:
        """The mean row of the dark pixels at the inner and at the outer end of a brow."""
        brow = neutral(angle=angle)[12:20] < 0.45
        inner, outer = (np.flatnonzero(brow[:, column]).mean() for column in (28, 33))
        return float(inner), float(outer)

    inner, outer = rows(0.5)
    assert inner > outer
    inner, outer = rows(-0.5)
    assert inner < outer


def test_light_from_the_right_makes_the_right_half_brighter() -> None:
    pose = np.zeros((1, 6), np.float32)
    pose[0, 3] = 1
    face = faces._drawn(EVEN[0], np.zeros((1, 6), np.float32), pose)[0]
    assert face[20:30, 26:34].mean() > face[20:30, 14:22].mean() + 0.01


def test_an_expression_is_nearer_to_its_own_mean_than_to_others() -> None:
    means = np.stack([DRAWN.pixels[DRAWN.expressions == e].mean(axis=0) for e in range(7)])
    x = faces.draw_faces(140, "test")
    # Without the tone of the person: each image and each mean has mean 0 and norm 1.
    a, b = (
        (rows - rows.mean(axis=1, keepdims=True))
        / np.linalg.norm(rows - rows.mean(axis=1, keepdims=True), axis=1, keepdims=True)
        for rows in (x.pixels.astype(float), means)
    )
    right = ((a @ b.T).argmax(axis=1) == x.expressions).mean()
    assert right > 0.4  # one of seven by chance: 0.14


@pytest.mark.parametrize("count", [1, 249, 251])
def test_the_faces_do_not_depend_on_the_size_of_the_chunks(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = faces.draw_faces(count, "test").pixels
    monkeypatch.setattr(faces, "CHUNK", 7)
    np.testing.assert_array_equal(faces.draw_faces(count, "test").pixels, whole)


def test_the_splits_have_their_sizes_and_the_names_of_the_expressions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(faces, "SIZES", {"train": 3, "validation": 2, "test": 1})
    found = faces.load()
    assert [len(split) for split in found] == [3, 2, 1]
    assert found[0].shape == (48, 48, 1)
    assert found[0].classes == EXPRESSIONS
    assert found[0].all().max() == 1.0
