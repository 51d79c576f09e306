"""Networks that have learnt nothing: no better than guessing, and what to do about it."""

from digitlab.learning import presets
from digitlab.run import Run

NO_BETTER = "no better than guessing"


def is_guessing(run: Run) -> bool:
    """Return whether a network reads MNIST's test digits no better than a guess, or by luck as well.

    Who always answers the most frequent digit reads 11.35 % of them: what may well be that is a guess.

    Args:
        run: Any run; one that has learnt nothing on purpose, such as the random guess, is no network.
    """
    if not run.is_network:
        return False
    test = run.tests["mnist"]
    most_frequent = max(sum(row) for row in test.confusion)
    return test.low <= most_frequent / test.n


def advise(run: Run) -> str:
    """Say of a network that is no better than guessing what to do; of all others nothing.

    Example:
        >>> advise(Run("guess", "Random guess", "uniform", tests={}))
        ''
    """
    if not is_guessing(run):
        return ""
    if run.brought_in:
        return f"{NO_BETTER}: is it one for upright digits, light on dark?"
    usual = presets.defaults(max(1, run.drawings), run.settings.network if run.settings else "dense").learning_rate
    if run.settings and run.settings.learning_rate > usual:
        return f"{NO_BETTER}: lower the learning rate"
    return f"{NO_BETTER}: train longer, and on all ten digits"
