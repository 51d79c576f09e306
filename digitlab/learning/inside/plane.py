"""Move ink in its plane: turned, slanted, larger, elsewhere, its lines wider or thinner."""

import numpy as np
import numpy.typing as npt

from digitlab.digits import IMAGE_SIZE, Floats

PER_PIXEL = 4  # pixels of ink per pixel of the digit, along each side
SIDE = IMAGE_SIZE * PER_PIXEL


def resample(ink: npt.NDArray[np.float32], linear: Floats, middle: Floats, moved_to: Floats) -> npt.NDArray[np.float32]:
    """Move ink by a linear map around a point, reading between its pixels; blank comes in from outside.

    Args:
        ink: float32 array of shape (112, 112).
        linear: (2, 2), by which columns `(x, y)` are multiplied; invertible.
        middle: (2,), x and y of the point the map leaves where it is, in pixels of the ink.
        moved_to: (2,), where that point goes.

    Returns:
        float32 array of shape (112, 112).
    """
    centres = np.arange(SIDE, dtype=np.float32) + 0.5
    back = np.linalg.inv(linear).astype(np.float32)
    dx, dy = (centres - moved_to[axis] for axis in (0, 1))
    # Places between the pixels of the ink with a blank rim of 1 around it; what is beyond lies on the rim.
    places = [
        np.clip(back[row, 0] * dx[None, :] + back[row, 1] * dy[:, None] + middle[row] + 0.5, 0, SIDE + 0.99)
        for row in (0, 1)
    ]
    x, y = (each.astype(np.float32) for each in places)
    left, above = x.astype(np.int32), y.astype(np.int32)
    right_share, below_share = x - left, y - above
    width = SIDE + 2
    first, flat = above * width + left, np.pad(ink, 1).ravel()
    upper = flat.take(first) * (1 - right_share) + flat.take(first + 1) * right_share
    lower = flat.take(first + width) * (1 - right_share) + flat.take(first + width + 1) * right_share
    moved: npt.NDArray[np.float32] = upper * (1 - below_share) + lower * below_share
    return moved


def thicken(ink: npt.NDArray[np.float32], steps: int) -> npt.NDArray[np.float32]:
    """Make lines wider by two pixels of ink for each step, or thinner for steps below 0; round ends stay about round.

    Args:
        ink: float32 array of shape (112, 112).
        steps: Whole number.
    """
    choose = np.maximum if steps > 0 else np.minimum
    for step in range(abs(steps)):
        padded = np.pad(ink, 1)
        cross = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
        corners = (padded[:-2, :-2], padded[:-2, 2:], padded[2:, :-2], padded[2:, 2:])
        for moved in (*cross, *(corners if step % 3 == 2 else ())):  # alone crosses make diamonds, with corners squares
            ink = choose(ink, moved)
    return ink
