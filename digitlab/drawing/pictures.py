"""Pictures of digits: a PNG as text, many digits in one picture, a drawing as an animation."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from digitlab.digits import IMAGE_SIZE, Floats, Images, check_images
from digitlab.drawing.strokes import check_strokes

_FRAME_MS = 50  # of a replay
_POINT_MS = 12  # between two points of a stroke whose times are not known
_LIFT_MS = 200  # between two strokes whose times are not known
_LONGEST_LIFT_MS = 1500  # a replay does not wait longer for the next stroke
_LAST_FRAME_MS = 1500


def png_uri(picture: Images) -> str:
    """Return a picture as the `data:` URI of a PNG: for tables and pages that cannot load files.

    Args:
        picture: uint8 array of shape (h, w), 0 black to 255 white.

    Example:
        >>> png_uri(np.zeros((28, 28), np.uint8))[:32]
        'data:image/png;base64,iVBORw0KGg'
    """
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def montage(images: Images, columns: int) -> Images:
    """Put digits side by side in one picture, row by row.

    Args:
        images: uint8 array of shape (n, 28, 28), n at least 1.
        columns: How many in a row.

    Returns:
        uint8 array of shape (28 * rows, 28 * columns); places of the last row without a digit are grey.

    Raises:
        ValueError: If the images have another shape or dtype.

    Example:
        >>> montage(np.zeros((5, 28, 28), np.uint8), columns=3).shape
        (56, 84)
    """
    rows = -(-len(check_images(images)) // columns)
    filled = np.full((rows * columns, IMAGE_SIZE, IMAGE_SIZE), 60, np.uint8)
    filled[: len(images)] = images
    grid = filled.reshape(rows, columns, IMAGE_SIZE, IMAGE_SIZE).swapaxes(1, 2)
    return grid.reshape(rows * IMAGE_SIZE, columns * IMAGE_SIZE)


def replay(strokes: Sequence[Floats], size: int = 200) -> bytes:
    """Return an animated GIF of a drawing, stroke by stroke at its own speed.

    Args:
        strokes: As in `digitlab.drawing.strokes`; without times, at a steady speed.
        size: Side of the picture in pixels.

    Returns:
        The content of the file: white on black, a round pen, repeated without end.

    Raises:
        ValueError: As `strokes.check_strokes`.
    """
    from PIL import ImageDraw  # seldom used, and it loads all that writes text: 1.4 MB

    strokes = _timed(check_strokes(strokes))
    points = np.concatenate([stroke[:, :2] for stroke in strokes])
    low, extent = points.min(axis=0), max(float(np.ptp(points, axis=0).max()), 1.0)
    scale = 0.76 * size / extent
    origin = (size - np.ptp(points, axis=0) * scale) / 2
    image = Image.new("L", (size, size))
    pen, width = ImageDraw.Draw(image), max(2, size // 14)
    frames = []
    for now in np.arange(0, strokes[-1][-1, 2] + _FRAME_MS, _FRAME_MS):
        for stroke in strokes:
            drawn = (stroke[stroke[:, 2] <= now, :2] - low) * scale + origin
            if len(drawn) > 1:
                pen.line([tuple(point) for point in drawn], fill=255, width=width, joint="curve")
            for x, y in drawn[[0, -1]] if len(drawn) else ():
                pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
        frames.append(image.copy())
    buffer = io.BytesIO()
    durations = [_FRAME_MS] * (len(frames) - 1) + [_LAST_FRAME_MS]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return buffer.getvalue()


def _timed(strokes: Sequence[Floats]) -> list[Floats]:
    """Return strokes of shape (n, 3) with times from 0 on, without long waits between them."""
    timed: list[Floats] = []
    end = 0.0
    for number, stroke in enumerate(strokes):
        known = stroke.shape[1] > 2
        times = np.maximum.accumulate(stroke[:, 2]) if known else np.arange(len(stroke)) * _POINT_MS
        if known and number and strokes[number - 1].shape[1] > 2:
            lift = np.clip(times[0] - strokes[number - 1][-1, 2], 0, _LONGEST_LIFT_MS)
        else:
            lift = _LIFT_MS if number else 0
        timed.append(np.column_stack([stroke[:, :2], times - times[0] + end + lift]))
        end = timed[-1][-1, 2]
    return timed
