"""Commands for digits on paper: a sheet to print, and what to do with photos of filled ones."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from digitlab.commands.files import check_new, new_file, read_picture
from digitlab.commands.telling import AsJson, tell, telling
from digitlab.formats.paper.code import MOST_SEED, SheetCode
from digitlab.formats.paper.layout import CELLS, PAPERS, Layout
from digitlab.formats.paper.print_sheet import new_seed, print_sheet
from digitlab.formats.paper.read_sheet import ReadSheet, read_sheet
from digitlab.formats.paper.sheet_digits import MOST_MINUTES, doubts, stored_before, to_incoming, worth_storing
from digitlab.formats.parts import FormatError
from digitlab.learning import model_files
from digitlab.learning.evaluation import Predictor
from digitlab.storage.digit_import import find_known, store_imported
from digitlab.storage.store import Store, default_url


@telling
def sheet(
    file: Annotated[Path, typer.Argument(help="The PDF to write; one that is there is not overwritten.")],
    *,
    writer: Annotated[str, typer.Option(help="Who will write the digits.")],
    paper: Annotated[str, typer.Option(help=f"One of {', '.join(PAPERS)}.")] = "a4",
    cells: Annotated[int, typer.Option(help=f"{' or '.join(map(str, CELLS))}: how many digits.")] = CELLS[0],
    seed: Annotated[
        int | None, typer.Option(help=f"Of their order, 0 to {MOST_SEED}; by default one that no other sheet has.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a sheet to print, whose cells are filled with a pen; `import` brings a photo of it in."""
    check_new(file)
    code = SheetCode(writer, new_seed() if seed is None else seed, Layout(paper, cells))
    with new_file(file) as opened:
        opened.write(print_sheet(code))
    tell(
        f"Written to {file}: sheet {code.seed} of {cells} cells for {code.writer}. Print it, fill it with a dark pen, "
        f"note the minutes, and bring a photo of it in: python -m digitlab import PHOTO --minutes MINUTES",
        {"file": str(file), "sheet": code.seed, "writer": code.writer, "paper": paper, "cells": cells},
        as_json=as_json,
    )


@dataclass(frozen=True)
class SheetWishes:
    """What is wanted of photos of sheets: see the options of `import`."""

    writer: str | None
    minutes: float
    test_with: bool
    again: bool
    dry_run: bool


@dataclass(frozen=True)
class _Done:
    """What was done with a photo; of each cell why to look at it, and whether it holds a digit."""

    path: Path
    code: SheetCode
    writer: str
    doubts: tuple[str, ...]
    keep: npt.NDArray[np.bool_]
    there: bool
    stored: int

    def sentence(self, again: bool) -> str:
        """Return it for people."""
        told = (
            f"{self.path}: sheet {self.code.seed} of {self.writer}, {self.keep.sum()} digits, {len(self.keep)} cells."
        )
        for words, kept in (("Left out", False), ("To be looked at on the page My digits", True)):
            pairs = enumerate(zip(self.doubts, self.keep, strict=True), 1)
            some = [f"cell {cell} ({doubt})" for cell, (doubt, keep) in pairs if doubt and keep == kept]
            told += f" {words}: {', '.join(some)}." if some else ""
        if self.there and not again:
            return f"{told} It is there already, nothing was stored: --again stores another filled copy of it."
        return f"{told} Stored: {self.stored}."

    def facts(self) -> dict[str, object]:
        """Return it for machines."""
        triples = enumerate(zip(self.doubts, self.keep, strict=True), 1)
        return {
            "file": str(self.path),
            "sheet": self.code.seed,
            "writer": self.writer,
            "cells": len(self.keep),
            "digits": int(self.keep.sum()),
            "stored": self.stored,
            "there": self.there,
            "doubts": [{"cell": cell, "doubt": why, "kept": bool(keep)} for cell, (why, keep) in triples if why],
        }


def import_sheets(photos: Sequence[Path], wishes: SheetWishes, *, as_json: bool) -> None:
    """Bring photos of filled sheets in, all read before any is stored: what is no digit is left out and told."""
    if not 0 <= wishes.minutes <= MOST_MINUTES:
        raise FormatError(f"Expected minutes from 0 to {MOST_MINUTES}. Received: {wishes.minutes:g}.")
    sheets = [(path, _read(path)) for path in photos]
    predictor = Predictor(model_files.load_tflite(model_files.REFERENCE), model_files.REFERENCE)
    with closing(Store(default_url())) as store:
        each_one = replace(wishes, minutes=wishes.minutes / len(sheets))
        done = [_bring_in(store, path, read, predictor, each_one) for path, read in sheets]
    sentences = "\n".join(each.sentence(wishes.again) for each in done)
    tell(sentences, {"sheets": [each.facts() for each in done]}, as_json=as_json)


def _bring_in(store: Store, path: Path, read: ReadSheet, predictor: Predictor, wishes: SheetWishes) -> _Done:
    keep, writer = worth_storing(read), wishes.writer or read.code.writer
    there, stored = stored_before(store, read.code, writer), 0
    if keep.any() and not wishes.dry_run and (wishes.again or not there):
        labels = np.array(read.code.labels)
        incoming = to_incoming(read, labels, keep, minutes=wishes.minutes, test=wishes.test_with)
        done = store_imported(store, incoming, find_known(store, incoming), writer, seed=read.code.seed)
        stored = done.train + done.test
    doubtful = doubts(read, predictor.predict(read.cells.images))
    return _Done(path, read.code, writer, doubtful, keep, there, stored)


def _read(path: Path) -> ReadSheet:
    read = read_sheet(read_picture(path), path.name)
    if read is None:
        raise FormatError(
            f"Expected a photo of a sheet made by `python -m digitlab sheet`. Received: {path}, in which its marks are "
            "not seen. Digits on other paper are brought in on the page My digits: each with what is read in it."
        )
    return read
