"""How commands tell people and machines what they did, and what went wrong."""

import functools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from digitlab.learning.model_files import ModelError
from digitlab.mnist import DataFileError
from digitlab.storage.schema import StoreError

REFUSED = 1  # exit code: what was asked for cannot be done, and why is told; 2 is Typer's for a wrong command
NOTHING = 3  # exit code: there is nothing to do it with

AsJson = Annotated[bool, typer.Option("--json", help="Tell machines: one line of JSON instead of sentences.")]

P = ParamSpec("P")
R = TypeVar("R")


class NothingToDo(Exception):  # noqa: N818 - no error: there is nothing to do it with
    """There is nothing to do it with; the message says what to do first."""


def telling(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end with a message and an exit code instead of a traceback where something cannot be done."""

    @functools.wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except NothingToDo as nothing:
            typer.echo(str(nothing), err=True)
            raise typer.Exit(NOTHING) from nothing
        except (StoreError, ModelError, DataFileError, ValueError, OSError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(REFUSED) from error

    return told


def tell(sentence: str, facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Say what was done: a sentence for people, or facts for machines."""
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else sentence)


@contextmanager
def bar(label: str, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """Show a bar on the terminal, not in what is read by machines; the function it gives takes the share done, 0-1."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with typer.progressbar(length=1000, label=label, file=sys.stderr) as shown:

        def show(share: float) -> None:
            shown.update(max(0, round(1000 * share) - shown.pos))

        yield show
