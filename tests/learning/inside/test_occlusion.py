import numpy as np
import pytest

from digitlab.learning.inside.occlusion import occlude
from digitlab.mnist import load_test


class InkAtTop:
    """Says 7 the surer the more ink the upper half has, and the less ink the lower half has."""

    def __init__(self):
        self.batches = 0

    def predict(self, images):
        self.batches += 1
        ink = images.astype(float) / 255
        logits = np.zeros((len(images), 10))
        logits[:, 7] = ink[:, :14].sum(axis=(1, 2)) / 10 - ink[:, 14:].sum(axis=(1, 2)) / 10
        shares = np.exp(logits)
        return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def bar():
    digit = np.zeros((28, 28), np.uint8)
    digit[4:24, 12:16] = 255
    return digit


def test_what_speaks_for_an_answer_and_against_it_is_told_apart(bar):
    effect = occlude(InkAtTop(), bar, 7)
    assert effect.shape == (28, 28)
    assert effect.dtype == np.float32
    assert (effect[5:11, 12:16] > 0.5).all()
    assert (effect[17:23, 12:16] < -0.5).all()
    assert (effect[:, :7] == 0).all(), "covering what is blank changes nothing"


def test_for_another_answer_the_signs_turn(bar):
    other = occlude(InkAtTop(), bar, 3)
    assert (other[5:11, 12:16] < 0).all()
    assert (other[17:23, 12:16] > 0).all()


def test_all_is_read_at_once_and_the_digit_is_left_alone(bar):
    model, before = InkAtTop(), bar.copy()
    occlude(model, bar, 7)
    assert model.batches == 1
    assert (bar == before).all()


def test_a_blank_digit_has_no_parts():
    assert not occlude(InkAtTop(), np.zeros((28, 28), np.uint8), 7).any()


def test_an_answer_out_of_range_is_refused(bar):
    with pytest.raises(ValueError, match="from 0 to 9"):
        occlude(InkAtTop(), bar, 10)


def test_the_reference_model_needs_the_ink_it_reads_by(predictor):
    """Without the twenty pixels that spoke most for the answer it is less sure than without twenty others."""
    images, worse = load_test()[0][:20], 0
    for digit in images:
        answer = int(predictor.predict(digit[None])[0].argmax())
        effect = np.where(digit > 0, occlude(predictor, digit, answer), np.nan)
        order = np.argsort(effect.ravel())
        inked = order[: (digit > 0).sum()]
        least, most = digit.copy(), digit.copy()
        least.ravel()[inked[:20]], most.ravel()[inked[-20:]] = 0, 0
        without = predictor.predict(np.stack([least, most]))[:, answer]
        worse += without[1] < without[0]
    assert worse >= 18
