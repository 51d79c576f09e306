"""What a run has learnt from, in words: drawings alone, with MNIST's help, or no drawing. The kinds are never mixed."""

from typing import Literal, TypeAlias

from digitlab.run import Help, Run

Kind: TypeAlias = Help | Literal["none", "elsewhere"]

# For legends and tables, in the order in which they are told.
KIND_TITLES: dict[Kind, str] = {
    "alone": "drawings alone",
    "unlabelled": "with unlabelled pictures",
    "mnist": "with MNIST",
    "none": "no drawing",
    "elsewhere": "trained elsewhere",
}


def kind_of(run: Run) -> Kind:
    """Return what a run has learnt from; a run on drawings that does not tell counts as helped by MNIST.

    Args:
        run: As `storage.runs.read_runs` returns it.

    Example:
        >>> kind_of(Run("guess", "Random guess", "uniform", tests={}))
        'none'
    """
    if run.brought_in:
        return "elsewhere"
    return run.help or ("mnist" if run.drawings else "none")


def way(kind: Kind, *, started: bool = True) -> str:
    """Say how minutes of drawing were used, such as "with MNIST's network as a start".

    Args:
        kind: What was learnt from.
        started: The training went on from a saved model; else MNIST's digits were mixed in.
    """
    return {
        "alone": "alone",
        "unlabelled": "with MNIST's pictures without labels",
        "mnist": "with MNIST's network as a start" if started else "with MNIST's digits mixed in",
        "none": "with MNIST's network",
        "elsewhere": "with a model brought in",
    }[kind]


def with_kind(name: str, run: Run) -> str:
    """Name a run so that the kind of what it has learnt from is told, where it learnt from drawings."""
    return f"{name} ({KIND_TITLES[kind_of(run)]})" if run.drawings else name
