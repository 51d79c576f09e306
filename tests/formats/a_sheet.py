"""Sheets of paper as people fill them and photograph them: the printed PDF itself, human strokes in its cells, then a
camera's perspective, a bent paper, light, noise."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pypdfium2
from PIL import Image, ImageDraw, ImageFilter

from digitlab.drawing.strokes import strokes_to_digit
from digitlab.formats.paper.code import SheetCode
from digitlab.formats.paper.layout import Layout
from digitlab.formats.paper.print_sheet import print_sheet
from tests.formats.a_photo import as_file
from tests.helpers import human_strokes

DOTS = 10  # pixels of the printed sheet per millimetre
PENS = {"black": (25, 25, 30), "blue": (30, 45, 150), "red": (175, 30, 45), "pencil": (95, 95, 100)}


@cache
def printed(pdf):
    """The first page of a PDF file as others' reader shows it."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[0].render(scale=DOTS * 25.4 / 72).to_pil().convert("RGB")
    document.close()
    return page


@dataclass
class Filled:
    """A sheet and what was written on it: of each cell left, top, right, bottom in millimetres; None: left empty."""

    code: SheetCode
    paper: Image.Image
    drawings: list
    places: list = field(default_factory=list)


def fill(code, drawings, *, seed=0, pen=(0.4, 0.9), colours=("black",), over=0.0, sizes=(0.55, 0.8)):
    """Write drawings into the cells of a sheet, None leaves a cell empty.

    `over` is the share of the cells in which the pen goes over the border, by up to 1.5 mm.
    """
    rng = np.random.default_rng(seed)
    filled = Filled(code, printed(print_sheet(code)).copy(), list(drawings))
    draw = ImageDraw.Draw(filled.paper)
    for box, drawing in zip(code.layout.boxes, drawings, strict=True):
        if drawing is None:
            filled.places.append(None)
            continue
        width, colour = rng.uniform(*pen), PENS[colours[rng.integers(len(colours))]]
        strokes = [np.array(stroke, float)[:, :2] for stroke in drawing]
        points = np.concatenate(strokes)
        low, extent = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-9)
        room = (box[2:] - box[:2]) * rng.uniform(*sizes) - width
        scale = (room / extent).min()
        free = box[2:] - box[:2] - extent * scale - width
        corner = box[:2] + width / 2 + free * rng.uniform(0.1, 0.9, 2)
        if rng.random() < over:
            side, beyond = rng.integers(4), rng.uniform(0.2, 1.5)
            if side < 2:
                corner[side] = box[side] - beyond + width / 2
            else:
                corner[side - 2] = box[side] + beyond - width / 2 - (extent * scale)[side - 2]
        lines = [(stroke - low) * scale + corner for stroke in strokes]
        for line in lines:
            flat = [tuple(point) for point in (line * DOTS).tolist()]
            draw.line(flat, colour, round(width * DOTS), joint="curve")
            for x, y in flat:
                half = width * DOTS / 2
                draw.ellipse((x - half, y - half, x + half, y + half), colour)
        filled.places.append(np.append(corner - width / 2, corner + extent * scale + width / 2))
    return filled


def ana(cells=100, paper="a4", seed=1_234_567):
    return SheetCode("Ana", seed, Layout(paper, cells))


def fill_like_ana(code, **how):
    """The sheet filled by the person whose strokes the browser's tests replay."""
    return fill(code, [human_strokes()[label] for label in code.labels], **how)


def photograph(
    paper,
    *,
    turn=0.0,
    tilt=(0.0, 0.0),
    bend=0.0,
    light="even",
    noise=0.0,
    longest=2000,
    share=0.85,
    seed=0,
    mirror=False,
    quality=None,
):
    """What a camera makes of a sheet on a table: the content of a JPEG file of this quality, or of a PNG.

    Args: `turn` in degrees; `tilt` about the level and the upright axis in degrees; `bend` how many millimetres the
    middle of the paper is nearer to the camera than its edges; `share` of the picture that the sheet fills.
    """
    rng = np.random.default_rng(seed)
    width, height = (each / DOTS for each in paper.size)
    upright = abs(np.cos(np.radians(turn))) > 0.7
    ratio = 3 / 4
    out = np.array([longest * ratio, longest] if (height > width) == upright else [longest, longest * ratio]).astype(
        int
    )

    def project(points):
        """Millimetres from the middle of the paper -> pixels, before they are made to fit."""
        x, y = points[..., 0], points[..., 1]
        z = bend * np.cos(np.pi * y / height) * np.cos(np.pi * x / width / 2)
        for angle, one, other in ((tilt[0], 1, 2), (tilt[1], 0, 2), (turn, 0, 1)):
            space = [x, y, z]
            cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
            space[one], space[other] = cos * space[one] - sin * space[other], sin * space[one] + cos * space[other]
            x, y, z = space
        away = 450 - z
        return np.stack([x, y], -1) * (450 / away)[..., None]

    edge = np.linspace(-0.5, 0.5, 30)
    rim = np.concatenate([np.stack([edge * width, np.full(30, s * height / 2)], -1) for s in (-1, 1)]
                         + [np.stack([np.full(30, s * width / 2), edge * height], -1) for s in (-1, 1)])  # fmt: skip
    seen = project(rim)
    low, high = seen.min(axis=0), seen.max(axis=0)
    scale = share * (out / (high - low)).min()
    centre = (low + high) / 2 + (out - (high - low) * scale) / scale * rng.uniform(-0.4, 0.4, 2)
    columns, rows = (np.append(np.arange(0, most, 32), most) for most in out)
    grid = np.stack(np.meshgrid(columns, rows), -1).astype(float)
    wanted = (grid - out / 2) / scale + centre
    points = wanted.copy()
    step = 0.5
    for _ in range(12):  # Newton's method, the slope by differences
        here = project(points)
        dx, dy = ((project(points + step * np.eye(2)[axis]) - here) / step for axis in (0, 1))
        slope = np.stack([dx, dy], -1)
        points += np.linalg.solve(slope, (wanted - here)[..., None])[..., 0].clip(-200, 200)
    margin = 300
    table = Image.new("RGB", (paper.width + 2 * margin, paper.height + 2 * margin), (120, 95, 70))
    table.paste(paper, (margin, margin))
    pixels = (points + [width / 2, height / 2]) * DOTS + margin
    reduced = max(1, int(DOTS / scale / 1.5))  # else a small photo would be made of single dots of the print
    if reduced > 1:
        table, pixels = table.reduce(reduced), pixels / reduced
    tiles = [
        ((*grid[r, c].astype(int).tolist(), *grid[r + 1, c + 1].astype(int).tolist()),
         tuple(pixels[[r, r + 1, r + 1, r], [c, c, c + 1, c + 1]].ravel()))
        for r in range(len(rows) - 1) for c in range(len(columns) - 1)
    ]  # fmt: skip
    taken = table.transform(tuple(out.tolist()), Image.Transform.MESH, tiles, Image.Resampling.BILINEAR)
    taken = taken.filter(ImageFilter.GaussianBlur(longest / 3500))
    lit = np.asarray(taken, np.float32) * _shade(light, out[1], out[0], rng)[:, :, None]
    if noise:
        lit += 255 * noise * rng.standard_normal(lit.shape, np.float32)
    picture = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
    if mirror:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return as_file(picture, "JPEG", quality=quality) if quality else as_file(picture)


def _shade(light, height, width, rng):
    y, x = (each.astype(np.float32) / max(height, width) for each in np.ogrid[:height, :width])
    if light == "even":
        return np.full((height, width), 0.9, np.float32)
    if light == "slope":
        return 0.4 + 0.55 * x + 0 * y
    if light == "shadow":  # of an arm, with a soft edge
        return 0.92 - 0.45 / (1 + np.exp(-(x + 0.6 * y - rng.uniform(0.5, 0.8)) * 60))
    if light == "vignette":
        return 1 - 0.6 * ((x - x.max() / 2) ** 2 + (y - y.max() / 2) ** 2) / 0.4
    waves = [rng.uniform(3, 14, 2) for _ in range(6)]  # crumpled paper: planes that catch light differently
    folds = sum(np.sin(a * x + b * y + rng.uniform(0, 6)) for a, b in waves)
    return (0.75 + 0.05 * folds).astype(np.float32)


def mistakes(filled, read):
    """Cells that were not cut right: its number, what is wrong.

    Right is: nothing where nothing was written; else ink that ends within 0.8 mm of where the pen went, on each side,
    and a digit that looks like the strokes alone.
    """
    wrong = []
    for cell, (place, drawing) in enumerate(zip(filled.places, filled.drawings, strict=True)):
        doubt, image = read.cells.doubts[cell], read.cells.images[cell]
        if place is None:
            wrong += [(cell, f"ink in an empty cell: {doubt}")] if doubt != "empty" else []
        elif doubt == "empty":
            wrong.append((cell, "nothing was found"))
        elif (off := np.abs(read.cells.places[cell] - place).max()) > 0.8:
            wrong.append((cell, f"ends {off:.1f} mm off ({doubt})"))
        elif (like := likeness(image, strokes_to_digit(drawing))) < 0.8:
            wrong.append((cell, f"likeness {like:.2f} ({doubt})"))
    return wrong


def likeness(one, other):
    """The cosine between two digits whose pen is made wider: 1 for equal ones, whatever the pen's width."""
    soft = [
        np.asarray(Image.fromarray(each).filter(ImageFilter.GaussianBlur(1.2)), float).ravel() for each in (one, other)
    ]
    return float(soft[0] @ soft[1] / np.linalg.norm(soft[0]) / np.linalg.norm(soft[1]))
