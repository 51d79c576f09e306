"""Photos and scans of handwritten digits: found, cut apart and made digits as MNIST's were."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter, ImageOps

from digitlab.digits import Floats, Images
from digitlab.drawing.preprocess import BOX_SIZE, ink_to_digit
from digitlab.drawing.strokes import PEN_WIDTH
from digitlab.formats.cut_apart import Box, find_digits
from digitlab.formats.parts import FormatError
from digitlab.formats.photo_ink import find_ink
from digitlab.formats.pictures import DAMAGED, open_picture

MOST_IN_A_PHOTO = 400  # digits
_LONGEST_SIDE = 1600  # pixels that a photo is made smaller to
_SMALLEST_SIDE = 160  # and that a tiny picture is enlarged to
_OVERSAMPLING = 4  # pixels per pixel of the digit, while the pen is made as wide as MNIST's
_THIN = 0.85  # of the width of MNIST's pen: a pen that is thinner is widened
_FRAME = (0, 140, 255)  # colour around a digit


@dataclass(frozen=True)
class FoundDigits:
    """The digits of a photo, in the order of reading.

    Attributes:
        images: uint8 array of shape (n, 28, 28).
        boxes: Where each lies, in `photo`.
        photo: uint8 array of shape (h, w): the photo upright, grey, no larger than 1600 pixels.
    """

    images: Images
    boxes: tuple[Box, ...]
    photo: Images


def find_in_photo(content: bytes, name: str) -> FoundDigits:
    """Find the digits of a photo or scan: dark on light or light on dark, in uneven light, on squared paper.

    Args:
        content: Of a PNG or JPEG file, or another that Pillow opens.
        name: Of the file, for the error.

    Raises:
        FormatError: If it cannot be opened, is too large, or no digit is found.
    """
    photo = open_gray(content, name, _LONGEST_SIDE)
    ink, mask = find_ink(np.asarray(photo.filter(ImageFilter.GaussianBlur(1))))
    boxes, labels = find_digits(mask)
    if not boxes:
        raise FormatError(
            f"Expected digits in {name}. Received: nothing that can be told from the paper. Take it from nearer, with "
            "more light, or write with a darker pen."
        )
    if len(boxes) > MOST_IN_A_PHOTO:
        raise FormatError(
            f"Expected at most {MOST_IN_A_PHOTO} digits in a photo. Received: {len(boxes)} pieces of ink in {name}. "
            "Cut it into parts, or take the photo on plain paper."
        )
    images = np.stack([cut_out(ink, labels, box) for box in boxes])
    return FoundDigits(images, tuple(boxes), np.asarray(photo))


def open_gray(content: bytes, name: str, longest_side: int) -> Image.Image:
    """Return a picture upright, grey, without transparency, of a size to work with.

    Args:
        content: Of the file.
        name: Of the file, for the error.
        longest_side: Pixels that a larger picture is made smaller to.

    Raises:
        FormatError: If it cannot be opened or is too large.
    """
    with open_picture(content, name) as picture:
        try:
            picture.draft("L", (longest_side, longest_side))  # a JPEG is decoded smaller, in a fraction of the memory
            turned = ImageOps.exif_transpose(picture)
            if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
                gray = _without_transparency(turned, longest_side)
            else:
                gray = _as_gray(turned, longest_side)
        except DAMAGED as error:
            raise FormatError(f"The picture {name} is damaged ({error}). Copy it again.") from error
    longest = max(gray.size)
    if longest > longest_side:
        gray = _reduced(gray, longest_side)
        gray.thumbnail((longest_side, longest_side), Image.Resampling.BOX)
    elif longest < _SMALLEST_SIDE:
        scale = -(-_SMALLEST_SIDE // longest)
        gray = gray.resize((gray.width * scale, gray.height * scale), Image.Resampling.BICUBIC)
    return gray


def _reduced(picture: Image.Image, longest_side: int) -> Image.Image:
    """Return a picture smaller by a whole number, its longest side still above a limit: before it becomes numbers."""
    return picture.reduce(max(1, max(picture.size) // longest_side))


def _as_gray(picture: Image.Image, longest_side: int) -> Image.Image:
    if picture.mode in ("I", "I;16", "I;16B", "F"):  # more than 256 greys: a scanner's
        whole = picture if picture.mode == "F" else picture.convert("I")
        values = np.asarray(_reduced(whole, longest_side), np.float64)
        low, high = values.min(), max(values.max(), values.min() + 1)
        return Image.fromarray((255 * (values - low) / (high - low)).astype(np.uint8))
    return picture.convert("L")


def _without_transparency(picture: Image.Image, longest_side: int) -> Image.Image:
    """Lay a picture on paper that its ink can be told from: white under dark ink, black under light."""
    picture = _reduced(picture.convert("LA"), longest_side)
    gray, alpha = np.asarray(picture.getchannel(0), np.float64), np.asarray(picture.getchannel(1), np.float64) / 255
    inked = float((gray * alpha).sum() / max(alpha.sum(), 1e-9))
    paper = 255.0 if inked < 128 else 0.0
    return Image.fromarray((gray * alpha + paper * (1 - alpha)).astype(np.uint8))


def cut_out(ink: Floats, labels: npt.NDArray[np.int32], box: Box) -> Images:
    """Cut a digit out and make its pen as wide as MNIST's, then do as with any ink.

    Args:
        ink: float array of shape (h, w), 0 blank to 255 full ink.
        labels: As of `cut_apart.label_ink`.
        box: Where the digit is, and which pieces of ink are its own.

    Returns:
        uint8 array of shape (28, 28).
    """
    margin = 2
    rows = slice(max(box.top - margin, 0), box.bottom + margin)
    columns = slice(max(box.left - margin, 0), box.right + margin)
    own = np.isin(labels[rows, columns], box.parts)
    cut = np.where(_grow(own, 1.5) > 0, ink[rows, columns], 0)
    longest = BOX_SIZE * _OVERSAMPLING
    scale = longest / max(cut.shape)
    size = max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale))
    kind = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    resized: Floats = np.asarray(Image.fromarray(cut.astype(np.float32)).resize(size, kind), np.float64)
    resized = np.clip(resized * 255 / max(float(np.percentile(resized[resized > 0], 90)), 1.0), 0, 255)
    width, wanted = _pen_width(resized > 127), PEN_WIDTH * _OVERSAMPLING
    if width < _THIN * wanted:
        resized = _grow(np.pad(resized, longest // 8), (wanted - width) / 2)
    return ink_to_digit(resized)


def _pen_width(mask: npt.NDArray[np.bool_]) -> float:
    """Estimate how wide a pen is: a line of some width has two edges along its length."""
    padded = np.pad(mask, 1)
    edges = (padded[1:] != padded[:-1]).sum() + (padded[:, 1:] != padded[:, :-1]).sum()
    length = edges * np.pi / 4 / 2  # steps along rows and columns are longer than the line by 4/pi, on average
    return float(mask.sum() / max(length, 1.0))


def _grow(values: npt.NDArray[np.generic], radius: float) -> Floats:
    """Return the largest value within a radius of each pixel."""
    reach = int(np.ceil(radius))
    padded = np.pad(values.astype(np.float64), reach)
    grown = np.zeros(values.shape)
    off = np.arange(-reach, reach + 1)
    disc = np.clip(radius + 0.5 - np.hypot(off[:, None], off), 0, 1)  # its edge is soft, as that of a pen
    for down, right in np.argwhere(disc > 0):
        moved = padded[down : down + values.shape[0], right : right + values.shape[1]]
        np.maximum(grown, disc[down, right] * moved, out=grown)
    return grown


def outline(found: FoundDigits) -> Images:
    """Return the photo with a frame around each digit, uint8 array of shape (h, w, 3)."""
    picture = np.repeat(found.photo[:, :, None], 3, axis=2)
    for box in found.boxes:
        for grow in (3, 4):
            top, left = max(box.top - grow, 0), max(box.left - grow, 0)
            bottom, right = min(box.bottom + grow, picture.shape[0]) - 1, min(box.right + grow, picture.shape[1]) - 1
            picture[[top, bottom], left : right + 1] = _FRAME
            picture[top : bottom + 1, [left, right]] = _FRAME
    return picture
