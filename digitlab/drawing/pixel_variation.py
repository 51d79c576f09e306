"""Vary digits of which only the pixels are known: distort them and change the pen's width."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from digitlab.digits import Floats, Images, check_images
from digitlab.drawing.distortion import check_strength, random_distortions
from digitlab.drawing.preprocess import BOX_SIZE, paste_boxes

_THICKER = (-0.4, 0.8)  # uniform: share of the way to ink a pixel thinner or thicker
_CHUNK = 1000  # digits varied at once
_LOOK, _SEEN = 40, 25  # pixels, and ink of a pixel, by which the place of distorted pixels is found


def vary_images(images: Images, strength: float, rng: np.random.Generator) -> Images:
    """Make a believable new digit from each of many, for digits of which no strokes are known.

    Args:
        images: uint8 array of shape (n, 28, 28), 0 blank to 255 full ink.
        strength: 0 leaves them as they are; 1 is what trains best; up to 2.
        rng: Source of randomness.

    Returns:
        uint8 array of shape (n, 28, 28), its ink again 20 pixels long and centred by mass. A blank image stays blank.

    Raises:
        ValueError: If the images have another shape or dtype, or the strength is out of range.

    Example:
        >>> ones = np.zeros((2, 28, 28), np.uint8)
        >>> ones[:, 4:24, 13:15] = 255
        >>> vary_images(ones, 1.0, np.random.default_rng(0)).shape
        (2, 28, 28)
    """
    check_strength(strength)
    check_images(images)
    if strength == 0 or not len(images):
        return images.copy()
    chunks = [images[start : start + _CHUNK] for start in range(0, len(images), _CHUNK)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        parts = threads.map(lambda chunk, rng: _vary_chunk(chunk, strength, rng), chunks, rng.spawn(len(chunks)))
        return np.concatenate(list(parts))


def _vary_chunk(images: Images, strength: float, rng: np.random.Generator) -> Images:
    """Change the pen's width, then read each pixel of the new digit where the distortion says it came from."""
    from scipy import ndimage  # in the worker only: it would cost the server 14 MB

    n = len(images)
    thicker = rng.uniform(*_THICKER, (n, 1, 1)).astype(np.float32) * strength
    sources = images.astype(np.float32)
    sources += np.clip(thicker, 0, 1) * (ndimage.maximum_filter(images, (1, 3, 3)) - sources)
    sources += np.clip(-thicker, 0, 1) * (ndimage.minimum_filter(images, (1, 3, 3)) - sources)
    distort = random_distortions(n, strength, rng)
    # A distortion moves and resizes the ink: look where it went, then read only that, 20 pixels long.
    wide = _grid(np.full((n, 2), -0.9, np.float32), np.full((n, 1), 1.8, np.float32), _LOOK)
    seen = _read(sources, distort(wide)).reshape(n, _LOOK, _LOOK) > _SEEN
    inked = np.stack([seen.any(axis=1), seen.any(axis=2)], axis=1)  # (n, 2, 40): columns and rows
    low, high = inked.argmax(axis=2), _LOOK - inked[:, :, ::-1].argmax(axis=2)
    side = (high - low).max(axis=1, keepdims=True)
    corner = ((low + high - side) / 2 / _LOOK * 1.8 - 0.9).astype(np.float32)
    extent = np.maximum(side, 4) / _LOOK * 1.8
    box = _read(sources, distort(_grid(corner, extent.astype(np.float32), BOX_SIZE)))
    return paste_boxes(box.reshape(n, BOX_SIZE, BOX_SIZE).round().astype(np.uint8))


def _grid(corner: Floats, extent: Floats, size: int) -> Floats:
    """Centres of (size, size) pixels that fill a square at `corner` (n, 2): points (n, size * size, 2), row by row."""
    steps = (np.arange(size, dtype=np.float32) + 0.5) / size
    y, x = np.meshgrid(steps, steps, indexing="ij")
    return corner[:, None] + extent[:, None] * np.column_stack([x.ravel(), y.ravel()])


def _read(images: Floats, points: Floats) -> Floats:
    """Read images (n, 28, 28) between pixels; blank outside.

    Args:
        images: float32 (n, 28, 28).
        points: float32 (n, m, 2) in the plane of `random_distortions`.

    Returns:
        Ink at these points, float32 (n, m).
    """
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    size = padded.shape[1]
    at = np.clip(points * BOX_SIZE + size / 2 - 0.5, 0, size - 1.001)
    whole = at.astype(np.int32)
    part = at - whole
    first = whole[:, :, 1] * size + whole[:, :, 0] + (np.arange(len(images)) * size**2)[:, None]
    flat = padded.ravel()
    upper = flat[first] * (1 - part[:, :, 0]) + flat[first + 1] * part[:, :, 0]
    lower = flat[first + size] * (1 - part[:, :, 0]) + flat[first + size + 1] * part[:, :, 0]
    ink: Floats = upper * (1 - part[:, :, 1]) + lower * part[:, :, 1]
    return ink
