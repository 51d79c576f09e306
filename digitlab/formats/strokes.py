"""Pen strokes as NDJSON, a drawing a line, as Quick, Draw! gives its raw drawings.

Source: Google Creative Lab, "The Quick, Draw! Dataset", https://github.com/googlecreativelab/quickdraw-dataset: a
drawing is a list of strokes, each [[x, ...], [y, ...], [t, ...]]. Where the pressure of the pen is known it follows t.
"""

import math
from collections.abc import Iterator
from zipfile import ZipFile

import msgspec
import numpy as np

from digitlab.digits import Floats, Images
from digitlab.drawing.strokes import check_strokes, strokes_to_digit
from digitlab.formats.parts import FormatError, Part, check_seconds, read_lines, reading, split_of
from digitlab.storage.digit_chunks import CHUNK, SPLITS, DigitChunk, DigitSource, Split

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LONGEST_LINE = 2_000_000  # bytes
_MOST_POINTS = 20_000  # of a drawing


class _Line(msgspec.Struct):
    """A drawing as it stands in the file; what else a line tells is passed over."""

    word: str
    drawing: list[list[list[float]]]
    timestamp: str = ""
    writer: str = ""
    human_seconds: float | None = None


def write(source: DigitSource, archive: ZipFile) -> None:
    """Write `train.ndjson` and `test.ndjson` into a zip; digits without strokes are left out."""
    for split in SPLITS:
        with archive.open(f"{split}.ndjson", "w", force_zip64=True) as file:
            for chunk in source.read(split, True):
                for place, strokes in enumerate(chunk.strokes):
                    if strokes:
                        file.write(msgspec.json.encode(_line(chunk, place, strokes)) + b"\n")


def _line(chunk: DigitChunk, place: int, strokes: object) -> _Line:
    seconds = None if chunk.seconds is None else float(chunk.seconds[place])
    return _Line(
        word=str(chunk.labels[place]),
        drawing=[stroke.T.tolist() for stroke in strokes],  # type: ignore[attr-defined]
        timestamp=chunk.moments[place] if chunk.moments else "",
        writer=chunk.writers[place] if chunk.writers else "",
        human_seconds=None if seconds is None or math.isnan(seconds) else seconds,
    )


def read(part: Part) -> Iterator[DigitChunk]:
    """Read drawings; a file whose name begins with "test" is to test with. The digits are rendered from the strokes.

    Raises:
        FormatError: If a line is no drawing of a digit; the message names the line.
    """
    decoder, waiting = msgspec.json.Decoder(_Line), []
    with reading(part) as file:
        for number, text in enumerate(read_lines(file, _LONGEST_LINE), 1):
            if text.strip():
                waiting.append(_check(decoder, text, f"line {number} of {part.name}"))
            if len(waiting) == CHUNK:
                yield _chunk(waiting, split_of(part))
                waiting = []
    if waiting:
        yield _chunk(waiting, split_of(part))


def _check(decoder: msgspec.json.Decoder[_Line], text: bytes, where: str) -> tuple[_Line, int, list[Floats], Images]:
    try:
        line = decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(
            f"Expected a drawing as Quick, Draw! writes it. Received: {where}: {error}. It shall be "
            '{"word": "3", "drawing": [[[x, ...], [y, ...], [t, ...]], ...]}.'
        ) from error
    word = line.word.strip().lower()
    if word not in _WORDS and not (len(word) == 1 and word in "0123456789"):
        raise FormatError(f'Expected a word from "0" to "9". Received: {line.word!r:.40} in {where}. Leave others out.')
    if sum(max(map(len, stroke), default=0) for stroke in line.drawing) > _MOST_POINTS:
        raise FormatError(f"Expected at most {_MOST_POINTS:,} points in a drawing. Received: more in {where}.")
    check_seconds(line.human_seconds, where)
    try:
        strokes = check_strokes([_columns(stroke) for stroke in line.drawing])
        digit = strokes_to_digit(strokes)
    except ValueError as error:
        raise FormatError(f"Expected a drawing. Received: {where}: {error} Leave this line out.") from error
    return line, _WORDS.index(word) if word in _WORDS else int(word), strokes, digit


def _columns(stroke: list[list[float]]) -> Floats:
    lengths = {len(column) for column in stroke}
    if not 2 <= len(stroke) <= 4 or len(lengths) != 1:
        raise ValueError("Expected a stroke as [[x, ...], [y, ...], [t, ...]], all of one length. Received: another.")
    return np.array(stroke, np.float64).T


def _chunk(rows: list[tuple[_Line, int, list[Floats], Images]], split: Split) -> DigitChunk:
    return DigitChunk(
        split=split,
        images=np.stack([digit for *_, digit in rows]),
        labels=np.array([label for _, label, *_ in rows], np.int64),
        strokes=[strokes for *_, strokes, _ in rows],
        writers=[line.writer for line, *_ in rows],
        seconds=np.array(
            [np.nan if line.human_seconds is None else line.human_seconds for line, *_ in rows], np.float64
        ),
        moments=[line.timestamp for line, *_ in rows],
    )
