"""The hyperparameters of a training, checked: what a run can be repeated with."""

from dataclasses import dataclass, replace

NETWORK_NAMES = {"dense": "Dense", "cnn": "Convolutional", "lenet": "LeNet"}
NETWORKS = tuple(NETWORK_NAMES)
ACTIVATIONS = ("relu", "tanh", "sigmoid", "gelu")
OPTIMIZERS = ("adam", "sgd", "rmsprop")
BATCH_SIZES = (16, 32, 64, 128, 256, 512, 1024)
MAX_HIDDEN_LAYERS = 3
MAX_STRENGTH = 2.0  # of the variation
# Settings that a network has for good: whoever trains it further keeps them.
OF_THE_NETWORK = ("network", "hidden_units", "activation", "dropout", "straighten", "directions")

# (least, most) of each setting that is a number.
LIMITS = {
    "hidden_units": (8, 1024),
    "dropout": (0.0, 0.8),
    "label_smoothing": (0.0, 0.5),
    "learning_rate": (0.00001, 1.0),
    "epochs": (1, 500),
    "train_share": (0.01, 1.0),
    "mnist_share": (0.0, 0.9),
    "seed": (0, 999_999),
    "variation": (0.0, MAX_STRENGTH),
    "copies": (0, 1000),
    "views": (0, 16),
    "vary_anew": (0.0, MAX_STRENGTH),
}


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of one training.

    Attributes:
        hidden_units: Units of each hidden layer, up to 3 layers.
        activation: One of `ACTIVATIONS`.
        dropout: Share of hidden units left out at each step.
        optimizer: One of `OPTIMIZERS`; sgd has momentum 0.9.
        learning_rate: Largest step size: it rises over the first tenth of the steps and falls along a half cosine.
        batch_size: One of `BATCH_SIZES`.
        epochs: Passes over the training digits, varied copies included.
        train_share: Share of MNIST's training digits to use, for trainings on MNIST.
        mnist_share: For trainings on drawings: share that MNIST's digits have among all that is trained on.
        seed: Of the weights, the order of the digits, the choice of the share and the variation.
        network: One of `NETWORKS`.
        straighten: Give each digit a standard slant and size first, inside the model.
        directions: Tell a dense network in which directions lines run instead of which pixels are inked.
        variation: Strength of the variation of copies, 0 to 2; 1 is what trains best.
        copies: Varied copies to train on of each digit; 0: each digit as it is.
        forms: Use how others write a 1, a 7 and a 9. Of drawings, some copies lose a part
            (`drawing.drop_parts`; only where there are strokes); in trainings on MNIST, some digits are given one
            (`drawing.add_parts`).
        label_smoothing: Share of each label that is spread over all ten digits in the loss that is trained with.
        views: How many slightly varied views of each of MNIST's test pictures to read and average (`learning.views`);
            0: each picture as it is.
        vary_anew: Strength of the variation that all digits get anew in each epoch but the first, 0 to 2; 0: none.
            Quick, many digits share one (`drawing.quick_variation`).
        half_precision: Compute the steps of a training in bfloat16, numbers of 16 bits, where the processor has
            instructions for it; weights and all that is kept or tested have 32.

    Raises:
        ValueError: If a setting is outside its range.
    """

    hidden_units: tuple[int, ...] = (128,)
    activation: str = "relu"
    dropout: float = 0.0
    optimizer: str = "adam"
    learning_rate: float = 0.004
    batch_size: int = 128
    epochs: int = 5
    train_share: float = 1.0
    mnist_share: float = 0.0
    seed: int = 0
    network: str = "dense"
    straighten: bool = False
    directions: bool = False
    variation: float = 1.0
    copies: int = 0
    forms: bool = False
    label_smoothing: float = 0.0
    views: int = 0
    vary_anew: float = 0.0
    half_precision: bool = False

    def __post_init__(self) -> None:
        if len(self.hidden_units) > MAX_HIDDEN_LAYERS:
            raise ValueError(
                f"Expected at most {MAX_HIDDEN_LAYERS} hidden layers. Received: {len(self.hidden_units)} layers."
            )
        for units in self.hidden_units:
            check_range("hidden_units", units)
        for name in set(LIMITS) - {"hidden_units"}:
            check_range(name, getattr(self, name))
        for name, choices in (
            ("activation", ACTIVATIONS),
            ("optimizer", OPTIMIZERS),
            ("batch_size", BATCH_SIZES),
            ("network", NETWORKS),
        ):
            if getattr(self, name) not in choices:
                raise ValueError(f"Expected {name} to be one of {choices}. Received: {getattr(self, name)!r}.")


def with_network_of(settings: Settings, start: Settings) -> Settings:
    """Return the settings with those that a network which is trained further has for good.

    Example:
        >>> with_network_of(Settings(epochs=3), Settings(hidden_units=(64,), epochs=9)).hidden_units
        (64,)
    """
    return replace(settings, **{name: getattr(start, name) for name in OF_THE_NETWORK})


def check_range(name: str, value: float) -> None:
    """Refuse a setting outside its range.

    Args:
        name: A key of `LIMITS`.
        value: What was set.

    Raises:
        ValueError: If it is no number of the right kind or outside the range.
    """
    least, most = LIMITS[name]
    # NumPy's integers are refused now: after the training they could not be written to the card, which is JSON.
    kind = int if isinstance(least, int) else (int, float)
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
        raise ValueError(f"Expected {name} between {least} and {most}. Received: {value!r}.")
