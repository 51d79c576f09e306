"""The methods that are compared: what each takes, what it gives, what it has learnt from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """What a method is, for the comparison: texts for the reader.

    Attributes:
        title: Its name.
        input: What it is given of a digit.
        output: What it answers.
        trained: How it has learnt.
    """

    title: str
    input: str
    output: str
    trained: str


_PIXELS, _PROBABILITIES = "28x28 pixels", "ten probabilities"
METHODS = {
    "uniform": Method("Random guess", "nothing", "one digit", "not at all"),
    "most_frequent": Method("Most frequent digit", "nothing", "one digit", "by counting MNIST's labels"),
    "nearest_mean": Method("Nearest mean image", _PIXELS, "one digit", "by averaging MNIST's digits"),
    "nearest_neighbour": Method("Nearest neighbour", _PIXELS, "one digit", "by keeping MNIST's digits"),
    "dense": Method("Dense network on MNIST", _PIXELS, _PROBABILITIES, "on MNIST"),
    "one": Method("One of each digit", _PIXELS, _PROBABILITIES, "on one drawing of each digit"),
    "full": Method("Full batch", _PIXELS, _PROBABILITIES, "on a full batch of drawings"),
    "unlabelled": Method(
        "Pictures without labels",
        _PIXELS,
        _PROBABILITIES,
        "on MNIST's training pictures, never their labels, sorted by your drawings",
    ),
    "brought_in": Method("Brought in", _PIXELS, _PROBABILITIES, "elsewhere: on what is not known"),
}
