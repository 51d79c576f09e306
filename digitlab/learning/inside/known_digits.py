"""What is no digit: tell drawings that are far from all digits that the reference model has learnt from.

A network's ten probabilities sum to 1 whatever is drawn. Three things together tell better than any of them alone how
far a drawing is from MNIST's training digits:

- *how unlike* it is to the three most similar ones, as blurred pictures;
- *what is left over* of it (the same picture, and the directions of its lines) when the digits of one label are taken
  for a flat space (its 40 main axes), the least of the ten labels: lines where no such digit has any;
- *how faint the answer is*: the logits of the reference model (their free energy).

How much each counts, and the limit, were chosen by `tests/benchmarks/no_digit.py`, which also tells what else was
tried. All that it needs of MNIST is in `models/known_digits.npz`, made by `remake`.

Source: W. Liu et al., "Energy-based out-of-distribution detection" (2020), for the third.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from digitlab.digits import NUM_CLASSES, Images, Labels
from digitlab.learning import model_files
from digitlab.learning.inside.likeness import blur, distances
from digitlab.learning.inside.open_network import OpenNetwork
from digitlab.learning.model_files import ModelError
from digitlab.learning.npz_files import DAMAGE

_FILE = "known_digits.npz"
_PICTURES, _DIGITS, _AXES = 3000, 20_000, 40  # kept as pictures; that the axes are found on; of each label
_ALIKE = 3  # digits whose mean distance counts
WEIGHTS = (2.2, 1.54, 0.33)  # of unlikeness, what is left over, free energy
FAR = 5.7  # sum of the three: more is far from all digits
_NEAR = 2.0  # of blurred pictures: of a writer's digits half have one of 10 to 30 others so near, of letters 1 %


@dataclass(frozen=True)
class KnownDigits:
    """What a drawing is compared with.

    Attributes:
        pictures: float32 array of shape (m, 196): blurred training digits, see `likeness.blur`.
        means: float32 array of shape (10, k): mean of each label's digits, as directions of lines and blurred pictures.
        axes: float32 array of shape (10, 40, k): main axes of each label's digits.
        network: The reference model.
    """

    pictures: npt.NDArray[np.float32]
    means: npt.NDArray[np.float32]
    axes: npt.NDArray[np.float32]
    network: OpenNetwork

    def strangeness(self, images: Images) -> npt.NDArray[np.float32]:
        """Return how far from all known digits each picture is.

        Args:
            images: uint8 array of shape (n, 28, 28), n at least 1.

        Returns:
            float32 array of shape (n,); MNIST's digits lie around 0.
        """
        parts = self.parts(images)
        strange: npt.NDArray[np.float32] = parts @ np.array(WEIGHTS, np.float32)
        return strange

    def parts(self, images: Images) -> npt.NDArray[np.float32]:
        """Return the three things that strangeness is made of, float32 (n, 3); arguments as there."""
        blurred, seen = blur(images), self.network.look(images)
        unlike = np.sort(distances(blurred, self.pictures), axis=1)[:, :_ALIKE].mean(axis=1)
        off = np.hstack([seen.inputs, blurred]) - self.means[:, None]  # (10, n, k)
        along = off @ self.axes.transpose(0, 2, 1)
        left_over = ((off**2).sum(axis=2) - (along**2).sum(axis=2)).min(axis=0)
        highest = seen.logits.max(axis=1, keepdims=True)
        energy = -(highest[:, 0] + np.log(np.exp(seen.logits - highest).sum(axis=1)))
        return np.column_stack([unlike, left_over, energy]).astype(np.float32)

    def are_far(self, images: Images, drawings: npt.NDArray[np.float32] | None = None) -> npt.NDArray[np.bool_]:
        """Return whether each picture is far from all known digits.

        Args:
            images: uint8 array of shape (n, 28, 28), n at least 1.
            drawings: float32 array of shape (m, 196): drawings that a network was trained on, blurred; whatever is like
                one of them is known too. None: there are none.

        Returns:
            bool array of shape (n,).
        """
        far: npt.NDArray[np.bool_] = self.strangeness(images) > FAR
        if drawings is not None and len(drawings):
            far &= distances(blur(images), drawings).min(axis=1) > _NEAR
        return far


def find(images: Images, labels: Labels, network: OpenNetwork) -> KnownDigits:
    """Take from digits what drawings are compared with.

    Args:
        images: uint8 array of shape (n, 28, 28): training digits, in any order; the first 20,000 are used.
        labels: Integer array of shape (n,), each label at least once.
        network: The reference model.
    """
    images, labels = images[:_DIGITS], labels[:_DIGITS]
    seen = np.hstack([network.look(images).inputs, blur(images)])
    means, axes = [], []
    for label in range(NUM_CLASSES):
        its = seen[labels == label]
        means.append(its.mean(axis=0))
        off = its - means[-1]
        axes.append(np.linalg.eigh(off.T @ off)[1][:, ::-1][:, :_AXES].T)
    return KnownDigits(blur(images[:_PICTURES]), np.stack(means), np.stack(axes), network)


def remake() -> None:
    """Make the file anew, after the reference model has changed."""
    from digitlab import mnist

    known = find(*mnist.load_train(), _reference())
    np.savez_compressed(
        _path(),
        pictures=np.round(known.pictures * 255).astype(np.uint8),
        means=known.means,
        axes=known.axes.astype(np.float16),
        reference=np.array(_reference_version()),
    )


def load() -> KnownDigits:
    """Return what comes with the project.

    Raises:
        ModelError: If the file is missing, damaged or made for another reference model.
    """
    remedy = "Make it anew as models/README.md tells, or restore it (git checkout -- models)."
    try:
        with np.load(_path(), allow_pickle=False) as file:
            version = str(file["reference"])
            pictures, means, axes = (file[name].astype(np.float32) for name in ("pictures", "means", "axes"))
    except DAMAGE as error:
        raise ModelError(f"The file {_path()} cannot be read ({error}). {remedy}") from error
    if version != _reference_version():
        raise ModelError(f"The file {_path()} was made for another reference model. {remedy}")
    pictures /= 255
    return KnownDigits(pictures, means, axes, _reference())


def _reference() -> OpenNetwork:
    return OpenNetwork(model_files.load_tflite(model_files.REFERENCE), model_files.REFERENCE)


def _reference_version() -> str:
    return hashlib.sha256(model_files.load_tflite(model_files.REFERENCE)).hexdigest()[:16]


def _path() -> Path:
    return model_files.shipped_dir() / _FILE
