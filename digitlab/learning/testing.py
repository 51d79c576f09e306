"""The tests of a run: on MNIST's test digits, on own test digits, and on these with the drawings to compare with."""

from dataclasses import replace

from digitlab import mnist
from digitlab.learning.evaluation import Predictor, confident_mistakes, evaluate
from digitlab.learning.reader import Reader, add_vote
from digitlab.run import OWN_READER, TestResult
from digitlab.storage.datasets import Dataset


def test(predictor: Predictor, own: Dataset | None, reader: Reader | None) -> dict[str, TestResult]:
    """Test a trained network.

    Args:
        predictor: The network.
        own: Own test digits, with strokes where they are known; None: none.
        reader: Of the drawings it was trained on; None: of a run on MNIST, or without strokes.

    Returns:
        Results by test set, see `Run.tests`.
    """
    x_test, y_test = mnist.load_test()
    probabilities = predictor.predict(x_test)
    on_mnist = evaluate(y_test, probabilities.argmax(axis=1))
    tests = {"mnist": replace(on_mnist, mistakes=confident_mistakes(y_test, probabilities))}
    if own:
        probabilities = predictor.predict(own.images)
        tests["own"] = evaluate(own.labels, probabilities.argmax(axis=1), own.version)
        if reader and any(map(len, own.strokes)):
            read = add_vote(reader, own.strokes, probabilities)
            tests[OWN_READER] = evaluate(own.labels, read.argmax(axis=1), own.version)
    return tests
