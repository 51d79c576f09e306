"""A film of a page is made of single pictures."""

import pytest
from PIL import Image

from digitlab.tools.animation import Film


@pytest.mark.slow
def test_a_film_shows_each_picture_as_long_as_asked(page, tmp_path):
    film = Film(page)
    for colour, lasts in (("red", 100), ("blue", 2000)):
        page.set_content(f"<body style='background: {colour}'>")
        film.take(lasts)
    film.save(tmp_path / "film.webp")
    shown = Image.open(tmp_path / "film.webp")
    seen = []
    for number in range(shown.n_frames):
        shown.seek(number)
        seen.append((shown.convert("RGB").getpixel((5, 5)), shown.info["duration"]))
    (first, _), (second, _) = seen
    assert [lasts for _, lasts in seen] == [100, 2000]
    assert (first[0] > 200, first[2] < 50) == (True, True)
    assert (second[2] > 200, second[0] < 50) == (True, True)
