"""The inputs for hyperparameters, the same on every page that trains."""

from collections.abc import Callable, Mapping
from dataclasses import fields

import streamlit as st

from digitlab.learning import models
from digitlab.learning.presets import POOL
from digitlab.settings import ACTIVATIONS, BATCH_SIZES, LIMITS, MAX_HIDDEN_LAYERS, OPTIMIZERS, Settings
from digitlab.ui.query_params import same

UNITS = (8, 16, 32, 64, 128, 256, 512, 1024)
LEARNING_RATES = (0.0001, 0.0003, 0.001, 0.002, 0.003, 0.004, 0.006, 0.01, 0.03, 0.1)
POOLS = (0, 1000, 2000, 4000, 8000, 16_000, 32_000)  # 0: each digit as it is
# What a preset sets besides the hidden layers.
_SET = (
    "activation",
    "batch_size",
    "directions",
    "dropout",
    "epochs",
    "learning_rate",
    "optimizer",
    "straighten",
    "train_share",
)
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def presets_input(page: str, presets: Mapping[str, Settings]) -> None:
    """Show a button for each preset that sets the inputs of `settings_input` below to it; the seed stays.

    Args:
        page: Prefix of the widget keys.
        presets: By what is written on the button.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Set all to", width="content")
        for name, preset in presets.items():
            st.button(name, key=f"{page}_preset_{name}", on_click=_set, args=(page, preset))


def _set(page: str, settings: Settings) -> None:
    values = {name: getattr(settings, name) for name in _SET}
    values["hidden_layers"] = len(settings.hidden_units)
    values |= {f"units_{n + 1}": units for n, units in enumerate(settings.hidden_units)}
    for name, value in values.items():
        st.session_state[f"{page}_{name}"] = value


def settings_input(
    page: str, defaults: Settings, *, most_epochs: int, network: bool = True, share: bool = False, varied: int = 0
) -> Settings:
    """Show the inputs and return what is set.

    The values go into the link. A value of a link that is not on offer is refused with a message.

    Args:
        page: Prefix of the widget keys.
        defaults: Shown first.
        most_epochs: Upper end of the slider for epochs.
        network: False where the network is given (a saved model is trained further).
        share: True where a share of MNIST can be chosen.
        varied: How many digits there are to vary; 0: they are trained on as they are.

    Returns:
        The settings.
    """
    refused: list[str] = []
    keep = {"persist_state": "session", "bind": "query-params"}

    def check(label: str, name: str, value: object, expected: str) -> object:
        asked = in_link.get(f"{page}_{name}")
        if asked is not None and not same(asked, value):
            refused.append(f"{label.lower()} {asked} (expected {expected}; {value} is used)")
        return value

    # Streamlit takes a bad value out of the link without a word: look at the link before it does.
    in_link = {key: value for key, value in st.query_params.items() if key not in st.session_state}

    def choose(label: str, name: str, options: tuple, default: object, show: Callable[..., str] = str) -> object:
        value = st.select_slider(label, options, value=default, key=f"{page}_{name}", format_func=show, **keep)
        # The link holds what is shown: 10%.
        check(label, name, show(value), f"one of {', '.join(map(show, options))}")
        return value

    def slide(label: str, name: str, least: float, most: float, default: float, **more: object) -> float:
        value = st.slider(label, least, most, default, key=f"{page}_{name}", **more, **keep)
        return check(label, name, value, f"{least} to {most}")

    def pick(label: str, name: str, options: tuple[str, ...], default: str) -> str:
        value = st.pills(label, options, default=default, required=True, key=f"{page}_{name}", **keep)
        return check(label, name, value, f"one of {', '.join(options)}")

    set_values = {}
    left, middle, right = st.columns(3, gap="large")
    set_values["network"] = defaults.network
    if network:
        with left:
            set_values["straighten"] = st.toggle(
                "Straighten digits first", defaults.straighten, key=f"{page}_straighten", **keep,
                help="Inside the model: what is learnt from one hand then fits others better.",
            )  # fmt: skip
            if defaults.network == "dense":
                set_values["directions"] = st.toggle(
                    "Tell it the directions of lines", defaults.directions, key=f"{page}_directions", **keep,
                    help="Instead of which pixels are inked: where lines run which way changes less from hand to hand.",
                )  # fmt: skip
            layers = slide("Hidden layers", "hidden_layers", 0, MAX_HIDDEN_LAYERS, len(defaults.hidden_units))
            default_units = (*defaults.hidden_units, *(64,) * MAX_HIDDEN_LAYERS)
            set_values["hidden_units"] = tuple(
                choose(f"Units of layer {n + 1}", f"units_{n + 1}", UNITS, default_units[n]) for n in range(layers)
            )
            set_values["activation"] = pick("Activation", "activation", ACTIVATIONS, defaults.activation)
            set_values["dropout"] = slide(
                "Dropout", "dropout", *LIMITS["dropout"], defaults.dropout, step=0.05,
                help="Share of hidden units left out at each step.",
            )  # fmt: skip
    with middle:
        set_values["optimizer"] = pick("Optimizer", "optimizer", OPTIMIZERS, defaults.optimizer)
        set_values["learning_rate"] = choose("Learning rate", "learning_rate", LEARNING_RATES, defaults.learning_rate)
        set_values["batch_size"] = choose("Batch size", "batch_size", BATCH_SIZES, defaults.batch_size)
    with right:
        set_values["epochs"] = slide("Epochs", "epochs", 1, most_epochs, defaults.epochs)
        if share:
            set_values["train_share"] = choose(
                "Share of the training digits", "train_share", SHARES, defaults.train_share, "{:.0%}".format
            )
        if varied:
            set_values["variation"] = slide(
                "Variation", "variation", *LIMITS["variation"], defaults.variation, step=0.1,
                help="How far each copy of a drawing is turned, slanted and bent; 1 trains best.",
            )  # fmt: skip
            pool = choose("Varied digits to train on, in all", "pool", POOLS, POOL)
            set_values["copies"] = min(LIMITS["copies"][1], -(-pool // varied))
            set_values["mnist_share"] = slide(
                "Share of MNIST's digits among them", "mnist_share", *LIMITS["mnist_share"], defaults.mnist_share,
                step=0.1, help="Trained on together with your drawings: the larger it is, the more like MNIST.",
            )  # fmt: skip
        seed = st.number_input("Seed", *LIMITS["seed"], defaults.seed, key=f"{page}_seed", **keep)
        set_values["seed"] = check("Seed", "seed", seed, "{} to {}".format(*LIMITS["seed"]))
    if refused:
        st.warning(f"The link asks for what is not on offer: {'; '.join(refused)}.", icon=":material/link_off:")
    kept = {field.name: getattr(defaults, field.name) for field in fields(Settings)}
    settings = Settings(**{**kept, **set_values})
    if network:
        count = models.count_parameters(settings.hidden_units, settings.network, directions=settings.directions)
        st.markdown(f"The network has **{count:,} parameters**.")
    return settings
