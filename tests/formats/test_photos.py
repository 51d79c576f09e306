"""Photos and scans: whatever the light and the paper, the digits are found, cut apart and read."""

import tracemalloc

import numpy as np
import pytest
from PIL import Image

from digitlab.formats import photos
from digitlab.formats.cut_apart import find_digits, label_ink
from digitlab.formats.parts import FormatError
from digitlab.formats.photos import find_in_photo
from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from tests.formats.a_photo import as_file, photographed, squared, written

LABELS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 8, 0, 7, 2, 3, 4]


@pytest.fixture(scope="module")
def read():
    predictor = Predictor(model_files.load_tflite("reference"), "reference")
    return lambda found: predictor.predict(found.images).argmax(axis=1).tolist()


@pytest.mark.parametrize("pen", [3, 14])
@pytest.mark.parametrize("light", ["even", "slope", "shadow", "vignette"])
@pytest.mark.parametrize("paper", ["plain", "squared"])
def test_digits_are_found_in_order_and_read(read, pen, light, paper):
    page = written(LABELS, pen=pen, seed=pen)
    photo = photographed(squared(page) if paper == "squared" else page, light=light, seed=pen)
    assert read(find_in_photo(as_file(photo), "page.png")) == LABELS


@pytest.mark.parametrize("light", ["even", "slope", "shadow"])
def test_chalk_on_a_board(read, light):
    board = 255 - photographed(written(LABELS), light=light)
    assert read(find_in_photo(as_file(board), "board.png")) == LABELS


def test_a_jpeg_that_was_turned_by_its_camera(read):
    photo = Image.fromarray(photographed(written(LABELS)))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees to the right
    content = as_file(photo.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=70, exif=exif)
    assert read(find_in_photo(content, "page.jpg")) == LABELS


@pytest.mark.parametrize("ink", ["black", "white"])
def test_ink_on_nothing(read, ink):
    """Transparent where nothing is written, as drawing programs save it."""
    alpha = Image.fromarray((255 * (1 - written(LABELS))).astype(np.uint8))
    picture = Image.new("RGB", alpha.size, ink)
    picture.putalpha(alpha)
    assert read(find_in_photo(as_file(picture), "page.png")) == LABELS


@pytest.mark.parametrize("mode", ["RGB", "P", "1", "CMYK", "I;16"])
def test_kinds_of_pictures(read, mode):
    photo = photographed(written(LABELS))
    if mode == "I;16":
        content = as_file(Image.fromarray(photo.astype(np.uint16) * 200))
    else:
        content = as_file(Image.fromarray(photo).convert(mode), "JPEG" if mode == "CMYK" else "PNG")
    assert read(find_in_photo(content, "page")) == LABELS


@pytest.mark.parametrize("size", [28, 60, pytest.param(3000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("label", range(10))
def test_one_digit_in_a_picture_of_any_size(read, size, label):
    page = Image.fromarray(photographed(written([label], columns=1, pen=10, cell=200), noise=0))
    assert read(find_in_photo(as_file(page.resize((size, size), Image.Resampling.LANCZOS)), "one.png")) == [label]


@pytest.mark.parametrize("mode", ["L", *(pytest.param(mode, marks=pytest.mark.slow) for mode in ("LA", "I;16"))])
def test_a_photo_of_12_megapixels_takes_little_memory(read, mode):
    photo = Image.fromarray(photographed(written(LABELS), light="slope")).resize((4000, 3000))
    if mode == "I;16":
        photo = Image.fromarray(np.asarray(photo).astype(np.uint16) * 200)
    content = as_file(photo.convert(mode), "JPEG" if mode == "L" else "PNG")
    tracemalloc.start()
    found = find_in_photo(content, "phone")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read(found) == LABELS
    assert most < 150_000_000


def test_the_table_beside_the_paper_and_dirt_are_no_digits(read):
    page = photographed(written(LABELS))
    table = np.pad(page, ((0, 0), (60, 40)), constant_values=40)
    table[20:23, 80:83] = 40  # a crumb
    assert read(find_in_photo(as_file(table), "desk.png")) == LABELS


def test_where_the_digits_are():
    found = find_in_photo(as_file(photographed(written([7, 1], columns=2))), "two.png")
    assert found.photo.shape == (150, 300)
    first, second = found.boxes
    assert first.right <= 150 <= second.left


def test_nothing_on_the_paper():
    for photo in (photographed(np.ones((200, 300))), np.full((90, 90), 200, np.uint8), np.zeros((60, 60), np.uint8)):
        with pytest.raises(FormatError, match=r"empty.png.*darker pen"):
            find_in_photo(as_file(photo), "empty.png")


def test_a_picture_full_of_pieces_is_refused_in_time():
    dots = np.full((1500, 1500), 255, np.uint8)
    for shift in range(16):
        dots[shift // 4 :: 14, shift % 4 :: 14] = 0
    with pytest.raises(FormatError, match=f"at most {photos.MOST_IN_A_PHOTO} digits"):
        find_in_photo(as_file(dots), "dots.png")


@pytest.mark.parametrize("content", [b"", b"GIF89a", as_file(np.zeros((40, 40), np.uint8))[:60]])
def test_what_is_no_picture(content):
    with pytest.raises(FormatError, match="odd.png"):
        find_in_photo(content, "odd.png")


def test_a_damaged_avif_is_refused():
    """Its decoder says so by another error than all others."""
    content = as_file(Image.fromarray(photographed(written([7], columns=1))), "AVIF")
    with pytest.raises(FormatError, match="odd.avif is damaged"):
        find_in_photo(content[:-200] + bytes(200), "odd.avif")


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"hevs", b"mif1"])
def test_heic_names_the_setting_of_the_phone(brand):
    with pytest.raises(FormatError, match="HEIC cannot be opened here: save it as JPEG.*Most Compatible"):
        find_in_photo(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0", "IMG_1.HEIC")


@pytest.mark.parametrize("seed", range(5))
def test_pieces_of_ink_are_those_that_scipy_finds(seed):
    from scipy import ndimage

    ink = np.random.default_rng(seed).random((40, 60)) < 0.1 + 0.15 * seed
    labels, n = label_ink(ink)
    theirs, count = ndimage.label(ink, np.ones((3, 3)))
    assert n == count
    assert len(np.unique(np.stack([labels, theirs])[:, ink], axis=1).T) == count  # the same pieces, other numbers
    assert ((labels > 0) == ink).all()


def test_no_ink_no_pieces():
    labels, n = label_ink(np.zeros((3, 4), bool))
    assert (n, labels.any()) == (0, False)
    assert find_digits(np.zeros((3, 4), bool))[0] == []
