"""What a network is going to see of the drawings it is trained on."""

from dataclasses import replace

import numpy as np

from digitlab.digits import Images
from digitlab.drawing.pictures import montage
from digitlab.learning import training_data
from digitlab.settings import Settings
from digitlab.storage.datasets import Dataset

_ROWS = 4  # varied copies of each drawing


def picture(data: Dataset, settings: Settings) -> Images:
    """Show the first drawing of each digit, and some of the copies that would be trained on below it.

    Args:
        data: Drawings, at least one.
        settings: Of these it uses copies, variation, forms and seed.

    Returns:
        uint8 array of shape (28 * rows, 28 * digits): one column per digit that was drawn, drawings in the first row.
    """
    first = np.unique(data.labels, return_index=True)[1]
    strokes = [data.strokes[index] for index in first] if data.strokes else ()
    few = replace(data, images=data.images[first], labels=data.labels[first], strokes=strokes)
    rows = [few.images]
    if settings.copies:
        rows.append(training_data.vary(few, replace(settings, copies=_ROWS))[0])
    return montage(np.concatenate(rows), len(first))
