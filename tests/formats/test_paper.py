"""Sheets of paper: printed as a file that others read, photographed in any way, and cut cell by cell."""

import io
import re
import zlib
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from digitlab.formats.paper import code as paper_code
from digitlab.formats.paper.cells import EMPTY, FAINT, FULL, OVER, TOUCHES
from digitlab.formats.paper.code import LONGEST_NAME, MOST_SEED, SheetCode, decode, encode
from digitlab.formats.paper.layout import LAYOUTS, Layout
from digitlab.formats.paper.print_sheet import new_seed, print_sheet
from digitlab.formats.paper.read_sheet import read_sheet
from digitlab.formats.paper.reed_solomon import add_parity, correct
from digitlab.formats.paper.sheet_digits import doubts, frame_cells, to_incoming, worth_storing
from digitlab.formats.parts import FormatError
from digitlab.storage.names import check_writer_name
from tests.formats.a_photo import as_file, photographed, written
from tests.formats.a_sheet import DOTS, PENS, ana, fill, fill_like_ana, mistakes, photograph, printed
from tests.helpers import human_strokes


def names():
    """Any name that a writer may have and that the code has room for."""

    def may_be(name):
        try:
            return len(check_writer_name(name).encode()) <= LONGEST_NAME
        except ValueError:
            return False

    return st.text(min_size=1, max_size=40).filter(may_be)


@settings(deadline=None, max_examples=40)
@given(names(), st.integers(0, MOST_SEED), st.sampled_from(LAYOUTS))
@example("名" * 27, MOST_SEED, LAYOUTS[0])
@example("👩‍🔬", 0, LAYOUTS[3])
def test_a_code_says_what_was_put_into_it(name, seed, layout):
    said = decode(encode(SheetCode(name, seed, layout)))
    assert said == SheetCode(check_writer_name(name), seed, layout)
    assert sorted(said.labels) == sorted([*range(10)] * (layout.cells // 10))


@settings(deadline=None, max_examples=60)
@given(st.binary(min_size=1, max_size=96), st.data())
def test_half_as_many_wrong_bytes_as_parity_are_put_right(data, draw):
    sent = bytearray(add_parity(data, 24))
    places = draw.draw(st.lists(st.integers(0, len(sent) - 1), max_size=12, unique=True))
    for place in places:
        sent[place] ^= draw.draw(st.integers(1, 255))
    assert correct(bytes(sent), 24) == data


@pytest.mark.parametrize("seed", range(20))
def test_what_is_no_code_says_nothing(seed):
    assert decode(np.random.default_rng(seed).random(960) < 0.5) is None


@pytest.mark.parametrize("squares", [np.zeros(960, bool), np.ones(960, bool)])
def test_nothing_printed_is_no_code(squares):
    assert decode(squares) is None


def test_a_sheet_of_a_newer_version_says_where_to_take_it(monkeypatch):
    monkeypatch.setattr(paper_code, "VERSION", 2)
    newer = encode(ana())
    monkeypatch.undo()
    with pytest.raises(FormatError, match="version 2.*update this one"):
        decode(newer)


def test_a_sheet_of_another_kind_says_where_to_take_it(monkeypatch):
    """A paper or a number of cells that is not known here: of a version between two, or made to do harm."""
    monkeypatch.setattr(paper_code, "CELLS", (1, 2, 3, 100))
    other = encode(ana())
    monkeypatch.undo()
    with pytest.raises(FormatError, match="paper and with cells.*kind 48.*update this one"):
        decode(other)


def test_a_sheet_whose_order_cannot_be_made_again_is_refused_and_not_mislabelled(monkeypatch):
    monkeypatch.setattr(paper_code, "balanced_labels", lambda per_digit, seed: [*range(10)] * per_digit)
    other = encode(ana())
    monkeypatch.undo()
    with pytest.raises(FormatError, match="order of sheet 1234567 cannot be made again"):
        decode(other)


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "1 to 80"), ("a\u202eb", "U\\+202E"), ("DigitLab's demo", "demo"), ("я" * 60, "at most 83 bytes.*shorter")],
)
def test_names_that_no_sheet_can_have(name, message):
    with pytest.raises(ValueError, match=message):
        SheetCode(name, 1, Layout("a4", 100))


def test_seeds_and_papers_that_there_are_not():
    for seed in (-1, MOST_SEED + 1):
        with pytest.raises(ValueError, match="Expected a seed"):
            SheetCode("Ana", seed, Layout("a4", 100))
    for paper, cells in (("a3", 100), ("a4", 150)):
        with pytest.raises(ValueError, match="Expected a paper among a4, letter and 100 or 200 cells"):
            Layout(paper, cells)
    assert new_seed() != new_seed()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_on_a_sheet_lies_on_anything_else(layout):
    width, height = layout.size
    boxes, modules = layout.boxes, layout.modules
    assert len(boxes) == layout.cells
    assert (boxes[:, 2:] - boxes[:, :2] > 9.5).all()  # room to write in, in millimetres
    assert boxes.min() > 15
    assert (boxes[:, 2] < width - 15).all()
    assert modules[:480, 1].max() + 1 < boxes[:, 1].min() - 10
    assert boxes[:, 3].max() < modules[480:, 1].min() - 2
    assert modules[:, 0].min() - 1 > layout.marks[0, 0] + 6
    np.testing.assert_allclose(modules[:, 1] + modules[::-1, 1], height)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["Zoë (\\) O'Neil", "Анна", "名" * 27])
def test_the_file_is_a_pdf_for_another_reader(layout, name):
    code = SheetCode(name, 1_234_567, layout)
    document = pypdfium2.PdfDocument(print_sheet(code))
    try:
        assert len(document) == 1
        assert document.get_metadata_dict()["Title"] == f"DigitLab sheet 1234567: {name}"
        assert document[0].get_size() == pytest.approx([each * 72 / 25.4 for each in layout.size], abs=0.01)
        text = document[0].get_textpage().get_text_bounded()
        assert ("Zoë (\\) O'Neil" in text) == name.startswith("Zoë")
        assert [int(each) for each in re.findall(r"(?<!\S)\d(?!\S)", text)] == code.labels
    finally:
        document.close()


PHOTOS = {  # those of QUICK together turn, tilt, bend and light the sheet in each way
    "scan": {},
    "scan of a tenth of a degree": {"turn": 0.1, "noise": 0.01},
    "upside down": {"turn": 180},
    "on its left side": {"turn": 90, "quality": 70},
    "on its right side and slanting": {"turn": -97, "tilt": (5, 8), "quality": 70, "noise": 0.02},
    "in a mirror": {"mirror": True, "turn": 5},
    "turned by 10 degrees": {"turn": 10, "tilt": (-10, 6), "light": "slope", "noise": 0.02, "quality": 70},
    "turned back by 10 degrees": {"turn": -10, "tilt": (12, -12), "light": "shadow", "noise": 0.02, "quality": 70},
    "small": {"longest": 1300, "share": 0.95, "noise": 0.01, "quality": 70, "light": "vignette"},
    "large": {"longest": 3200, "noise": 0.03, "quality": 70, "light": "crumpled", "tilt": (6, 6)},
    "bent": {"bend": 10, "tilt": (8, 5), "turn": 3, "noise": 0.02, "quality": 70, "light": "vignette"},
    "bent the other way": {"bend": -8, "turn": -4, "noise": 0.02, "quality": 70, "light": "crumpled"},
    "bent much, from the side": {"bend": 15, "tilt": (15, 0), "quality": 70},
    "far away": {"share": 0.6, "longest": 2400, "turn": 7, "noise": 0.02, "quality": 70},
}
QUICK = {"on its right side and slanting", "in a mirror", "small", "bent the other way"}


def some_slow(cases, quick):
    """Parameters of which those that are not quick are for CI."""
    return [case if case in quick else pytest.param(case, marks=pytest.mark.slow) for case in cases]


@pytest.fixture(scope="module")
def filled():
    """One sheet of each kind, with pens of four colours, a tenth over the border, five cells left empty."""
    made = {}

    def make(cells, paper):
        if (cells, paper) not in made:
            code = ana(cells, paper)
            drawings = [human_strokes()[label] for label in code.labels]
            for cell in range(3, cells, cells // 5):
                drawings[cell] = None
            made[cells, paper] = fill(code, drawings, over=0.1, colours=tuple(PENS), seed=cells)
        return made[cells, paper]

    return make


@pytest.mark.parametrize("photo", some_slow(PHOTOS, QUICK))
def test_each_cell_is_cut_right(filled, photo):
    cells, paper = ((100, "a4"), (200, "letter"))[list(PHOTOS).index(photo) % 2]
    sheet = filled(cells, paper)
    read = read_sheet(photograph(sheet.paper, seed=len(photo), **PHOTOS[photo]), "photo.jpg")
    assert read.code == sheet.code
    wrong = mistakes(sheet, read)
    assert len(wrong) <= cells // 100, wrong


@pytest.mark.parametrize("layout", some_slow(LAYOUTS, LAYOUTS[1:3]))
def test_every_kind_of_sheet_is_told_from_the_others(layout):
    code = SheetCode("Анна", 5, layout)
    sheet = fill(code, [None] * layout.cells)
    read = read_sheet(photograph(sheet.paper, turn=4, longest=1400), "photo.jpg")
    assert read.code == code
    assert set(read.cells.doubts) == {EMPTY}
    assert not read.cells.images.any()
    assert read.sheet.shape == tuple(round(6 * each) for each in layout.size[::-1])


@pytest.mark.parametrize("light", some_slow(["even", "slope", "shadow", "vignette", "crumpled"], {"shadow"}))
def test_nothing_printed_is_taken_for_a_pen(light):
    sheet = fill(ana(), [None] * 100)
    content = photograph(sheet.paper, turn=3, tilt=(6, -6), light=light, noise=0.03, quality=70, bend=5)
    assert set(read_sheet(content, "photo.jpg").cells.doubts) == {EMPTY}


def draw_over(sheet, cell, lines, width=0.8):
    """Draw lines on a filled sheet, in millimetres from the upper left corner of a cell."""
    pen = ImageDraw.Draw(sheet.paper)
    for line in lines:
        points = (np.array(line, float) + sheet.code.layout.boxes[cell, :2]) * DOTS
        pen.line([tuple(point) for point in points.tolist()], PENS["black"], round(width * DOTS), joint="curve")


def test_what_is_doubtful_is_told():
    code = ana()
    drawings = [human_strokes()[label] for label in code.labels]
    for cell in (0, 11, 22, 33, 55, 56):
        drawings[cell] = None
    drawings[44] = human_strokes()[(code.labels[44] + 1) % 10]
    sheet = fill(code, drawings)
    draw_over(sheet, 11, [[(7, 9), (7, 10.5)]])
    draw_over(sheet, 22, [[(1, y), (14, y)] for y in np.arange(2, 18, 1)], width=1.5)
    draw_over(sheet, 33, [[(5, -2.5), (5, 15)]])
    draw_over(sheet, 55, [[(3, 4), (8, 14), (14, 6)], [(14, 6), (20, 10), (26, 16)]])
    read = read_sheet(photograph(sheet.paper, noise=0.01), "photo.jpg")
    found = {cell: doubt for cell, doubt in enumerate(read.cells.doubts) if doubt}
    assert found == {0: EMPTY, 11: FAINT, 22: FULL, 33: OVER, 55: TOUCHES, 56: TOUCHES}
    keep = worth_storing(read)
    assert np.flatnonzero(~keep).tolist() == [0, 11, 22, 55, 56]
    certain = np.eye(10)[code.labels]
    certain[44] = np.eye(10)[(code.labels[44] + 1) % 10]
    certain[45] = 0.1
    told = doubts(read, certain)
    assert told[44] == f"reads like a {(code.labels[44] + 1) % 10}"
    assert [cell for cell, doubt in enumerate(told) if doubt] == [0, 11, 22, 33, 44, 55, 56]
    assert (frame_cells(read, told) != read.sheet[:, :, None]).any(axis=2).sum() > 7 * 4 * 20
    incoming = to_incoming(read, np.array(code.labels), keep, minutes=9.5, test=True)
    assert incoming.seconds.sum() == pytest.approx(570)
    assert incoming.labels.tolist() == np.array(code.labels)[keep].tolist()
    assert incoming.test.all()


def test_a_crumpled_sheet_is_refused_and_not_cut_in_the_wrong_places():
    sheet = fill_like_ana(ana())
    left, top, right, bottom = (round(DOTS * each) for each in sheet.code.layout.field)
    for number, band in enumerate(range(left, right, 200)):  # folds, each by 4 mm up or down
        cut = sheet.paper.crop((band, top, min(band + 200, right), bottom))
        sheet.paper.paste(cut, (band, top + (-40, 40)[number % 2]))
    with pytest.raises(FormatError, match=r"folds.jpg is too bent.*Lay it flat"):
        read_sheet(photograph(sheet.paper, longest=1600), "folds.jpg")


@pytest.mark.slow
def test_a_sheet_whose_lines_are_too_faint_to_be_seen_is_read_all_the_same():
    """As a copier leaves it: what is light is white."""
    sheet = fill_like_ana(ana())
    sheet.paper = sheet.paper.point(lambda value: 255 if value > 150 else value)
    read = read_sheet(photograph(sheet.paper, turn=5, tilt=(5, 5), noise=0.01, quality=70), "copy.jpg")
    assert mistakes(sheet, read) == []


@pytest.fixture(scope="module")
def plain():
    """A filled sheet as a straight photo, grey: uint8 (h, w)."""
    return np.asarray(Image.open(io.BytesIO(photograph(fill_like_ana(ana()).paper, longest=1600))).convert("L"))


def test_a_photo_without_a_sheet_is_none():
    page = photographed(written([3, 1, 4, 0, 0, 8]))
    assert read_sheet(as_file(page), "page.png") is None
    assert read_sheet(as_file(np.full((90, 90), 200, np.uint8)), "blank.png") is None
    noise = np.random.default_rng(0).integers(0, 256, (900, 700)).astype(np.uint8)
    assert read_sheet(as_file(noise), "noise.png") is None


CORNERS = {"upper left": (0, 0), "upper right": (0, 1), "lower right": (1, 1), "lower left": (1, 0)}


@pytest.mark.parametrize("corner", CORNERS)
def test_a_mark_that_is_not_in_the_picture_is_named(plain, corner):
    down, right = CORNERS[corner]
    height, width = plain.shape
    covered = plain.copy()
    covered[
        slice(0, height // 5) if not down else slice(-height // 5, None),
        slice(0, width // 4) if not right else slice(-width // 4, None),
    ] = 120  # by a cup
    with pytest.raises(FormatError, match=f"mark at the {corner} is not in cup.jpg: photograph the whole sheet"):
        read_sheet(as_file(covered), "cup.jpg")


@pytest.mark.parametrize("side", ["left", "right"])
def test_half_a_sheet(plain, side):
    middle = plain.shape[1] // 2
    cut = plain[:, :middle] if side == "left" else plain[:, middle:]
    with pytest.raises(FormatError, match=r"only two are in half.jpg.*photograph the whole sheet") as told:
        read_sheet(as_file(cut), "half.jpg")
    for where in (f"upper {side}", f"lower {side}"):
        assert where in str(told.value)


def test_two_sheets_in_a_photo(plain):
    with pytest.raises(FormatError, match="Received: 2 in two.jpg. Take one of each"):
        read_sheet(as_file(np.concatenate([plain, plain], axis=1)), "two.jpg")


def test_a_sheet_and_a_corner_of_the_next_one(plain):
    both = np.concatenate([plain, plain[:, : plain.shape[1] // 2]], axis=1)
    assert read_sheet(as_file(both), "both.jpg").code == ana()


@pytest.mark.parametrize(("right", "read"), [(45, True), pytest.param(110, False, marks=pytest.mark.slow)])
def test_a_covered_code_is_put_right_or_told(right, read):
    """Something grey lies on a part of the upper strip: a pen, or a hand."""
    sheet = fill_like_ana(ana())
    sheet.paper.paste((90, 80, 70), tuple(DOTS * each for each in (30, 14, right, 28)))
    content = photograph(sheet.paper, longest=1600, turn=4)
    if read:
        assert read_sheet(content, "pen.jpg").code == ana()
    else:
        with pytest.raises(FormatError, match=r"code along its upper and lower edge cannot be read.*nothing lying on"):
            read_sheet(content, "hand.jpg")


def test_a_newer_sheet_in_a_photo(monkeypatch):
    monkeypatch.setattr(paper_code, "VERSION", 9)
    newer = fill(replace(ana(), seed=99), [None] * 100)
    monkeypatch.undo()
    with pytest.raises(FormatError, match="version 9"):
        read_sheet(photograph(newer.paper, longest=1400), "photo.jpg")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", zlib.compress(b"x")])
def test_what_is_no_picture(content):
    with pytest.raises(FormatError, match="odd.jpg"):
        read_sheet(content, "odd.jpg")


def test_a_picture_full_of_marks_is_looked_through_in_time():
    mark = np.asarray(printed(print_sheet(ana())).convert("L"))[60:200, 60:200]
    with pytest.raises(FormatError, match="code along"):
        read_sheet(as_file(np.tile(mark, (8, 8))), "tiles.png")
