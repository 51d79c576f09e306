"""Which result speaks for a method: one rule, kept in this file alone.

Never one that is no better than guessing, and never one of the demo, which is nobody's result. Among the others, in
this order: one whose trainings were finished; of most drawings (of the networks on MNIST, of which only dense ones
speak: of most digits, then the most accurate on the validation digits); with the settings that the page offers first;
of most seeds; the first that was trained. Never the one with the best test score, which would be too good by luck, and
never merely the newest.
"""

from collections.abc import Sequence

import pandas as pd

from digitlab.comparison.kinds import Kind
from digitlab.comparison.method_results import MethodResult
from digitlab.digits import NUM_CLASSES
from digitlab.learning.methods import METHODS

SHIPPED = "MNIST network that comes with DigitLab"


def speaker(
    results: Sequence[MethodResult],
    kind: Kind,
    method: str | None = None,
    data: str | None = None,
    *,
    demo: bool = False,
) -> MethodResult | None:
    """Return the result that speaks for what was learnt from drawings.

    Args:
        results: As `method_results.method_results` returns them.
        kind: With which help.
        method: Only of this one: "one", "full" or "unlabelled".
        data: Version of the drawings that are preferred, to compare with what another result learnt from.
        demo: Ask for the demo's.

    Returns:
        None if there is none.
    """
    on_offer = [each for each in results if each.works and each.drawings and each.kind == kind and each.demo == demo]
    on_offer = [each for each in on_offer if method in (None, each.method) and not each.imported]
    return max(
        on_offer,
        key=lambda each: (each.finished, each.data == data, each.drawings, each.usual, each.seeds),
        default=None,  # of equals the first is taken
    )


def mnist_speaker(results: Sequence[MethodResult], *, demo: bool = False) -> MethodResult | None:
    """Return the result that speaks for the dense network on MNIST, without a drawing; None if there is none."""
    on_offer = [each for each in results if each.works and each.method == "dense" and each.kind == "none"]
    on_offer = [each for each in on_offer if each.demo == demo and not each.convolutional]
    return max(on_offer, key=lambda each: (each.finished, each.digits, each.validation, each.seeds), default=None)


def reference_lines(
    results: Sequence[MethodResult], test_set: str, guess: float | None = None, shipped: float | None = None
) -> pd.DataFrame:
    """Return what to measure drawing against: the random guess, the dense network on MNIST, the visitor's own guess.

    Args:
        results: As `method_results.method_results` returns them.
        test_set: "mnist" or "own".
        guess: What the visitor guessed that ten drawings read of MNIST, 0-1; None: nothing.
        shipped: Accuracy on MNIST of the network that comes with DigitLab, for where none was trained here.

    Returns:
        One row per line: `line` (its name), `shorter` (tuple of names for where there is less room), `accuracy`.
    """
    rows: list[tuple[str, tuple[str, ...], float]] = [(METHODS["uniform"].title, ("luck",), 1 / NUM_CLASSES)]
    dense = mnist_speaker(results)
    if dense and test_set in dense.tests:
        rows.append((METHODS["dense"].title, ("MNIST's network", "MNIST"), dense.tests[test_set].accuracy))
    elif dense is None and shipped is not None and test_set == "mnist":
        rows.append((SHIPPED, ("DigitLab's MNIST network", "MNIST"), shipped))
    if guess is not None and test_set == "mnist":
        share = f"{100 * guess:.0f}\N{NO-BREAK SPACE}%"
        shorter = (f"your estimate: {share}", "your estimate", "estimate", "you")
        rows.append((f"Your estimate of ten drawings: {share}", shorter, guess))
    return pd.DataFrame(rows, columns=["line", "shorter", "accuracy"])
