"""The tests of a run: on MNIST's test digits, on own test digits, and on these with the drawings to compare with."""

from dataclasses import replace

from digitlab import mnist
from digitlab.digits import Floats
from digitlab.learning.evaluation import Predictor, confident_mistakes, evaluate
from digitlab.learning.reader import Reader, add_vote
from digitlab.run import OWN_READER, TestResult
from digitlab.storage.datasets import Dataset


def test(
    predictor: Predictor, own: Dataset | None, reader: Reader | None, on_mnist: Floats | None = None
) -> dict[str, TestResult]:
    """Test a trained network.

    Args:
        predictor: The network.
        own: Own test digits, with strokes where they are known; None: none.
        reader: Of the drawings it was trained on; None: of a run on MNIST, or without strokes.
        on_mnist: float array of shape (n, 10), what was read of MNIST's test digits if not what `predictor` reads.

    Returns:
        Results by test set, see `Run.tests`.
    """
    x_test, y_test = mnist.load_test()
    read = predictor.predict(x_test) if on_mnist is None else on_mnist
    result = evaluate(y_test, read.argmax(axis=1))
    tests = {"mnist": replace(result, mistakes=confident_mistakes(y_test, read))}
    if own:
        probabilities = predictor.predict(own.images)
        tests["own"] = evaluate(own.labels, probabilities.argmax(axis=1), own.version)
        if reader and any(map(len, own.strokes)):
            voted = add_vote(reader, own.strokes, probabilities)
            tests[OWN_READER] = evaluate(own.labels, voted.argmax(axis=1), own.version)
    return tests
