"""What `drawings.py` returns and raises."""

from dataclasses import dataclass

from digitlab.digits import Floats, Images


@dataclass(frozen=True)
class Drawing:
    """One drawn digit.

    Attributes:
        id: In the store.
        batch_id: The batch it belongs to.
        position: Index into the labels of the batch.
        label: What it shows, 0-9.
        strokes: As in `digitlab.drawing.strokes`.
        digit: uint8 array of shape (28, 28).
        seconds: Active human seconds.
    """

    id: int
    batch_id: int
    position: int
    label: int
    strokes: list[Floats]
    digit: Images
    seconds: float


@dataclass(frozen=True)
class DrawingRow:
    """What is known of a drawing but its strokes and its picture.

    Attributes:
        id: In the store.
        batch_id: The batch it belongs to.
        kind: Of the batch.
        writer: Who drew it, by name.
        position: Index into the labels of the batch.
        label: What it shows, 0-9.
        seconds: Active human seconds.
        think_seconds: Those before its first stroke; this and the next two are None where they are not known.
        draw_seconds: Those with the pen down.
        pause_seconds: Those between its strokes.
        marks: What the quality checks ask about it, until it is answered.
        created_at: UTC, ISO 8601.
        deleted: It was put aside.
    """

    id: int
    batch_id: int
    kind: str
    writer: str
    position: int
    label: int
    seconds: float
    think_seconds: float | None
    draw_seconds: float | None
    pause_seconds: float | None
    marks: tuple[str, ...]
    created_at: str
    deleted: bool


class PromptTakenError(ValueError):
    """A prompt has another drawing than whoever saves one knew of.

    Attributes:
        drawing_id: Of the drawing it has.
    """

    def __init__(self, message: str, drawing_id: int) -> None:
        super().__init__(message)
        self.drawing_id = drawing_id
