"""The inputs for hyperparameters, the same on every page that trains."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import streamlit as st

from digitlab.learning.networks import count_parameters
from digitlab.learning.presets import POOL
from digitlab.settings import (
    ACTIVATIONS,
    BATCH_SIZES,
    LIMITS,
    MAX_HIDDEN_LAYERS,
    NETWORK_NAMES,
    NETWORKS,
    OPTIMIZERS,
    Settings,
)
from digitlab.ui.plain import in_plain
from digitlab.ui.query_params import keep_when_back, kept, same
from digitlab.ui.training import help_texts

Number = TypeVar("Number", int, float)

UNITS = (8, 16, 32, 64, 128, 256, 512, 1024)
LEARNING_RATES = (0.0001, 0.0003, 0.001, 0.002, 0.003, 0.004, 0.006, 0.01, 0.03, 0.1)
VIEWS = (0, 4, 8, 16)
POOLS = (0, 1000, 2000, 4000, 8000, 16_000, 32_000)  # 0: each digit as it is
# What a preset sets besides the hidden layers.
_SET = (
    "activation",
    "batch_size",
    "directions",
    "dropout",
    "epochs",
    "forms",
    "half_precision",
    "label_smoothing",
    "learning_rate",
    "network",
    "optimizer",
    "straighten",
    "train_share",
    "vary_anew",
)
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_FORMS = "How others write 1, 7, 9"


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
    keep_when_back()
    inputs = _Inputs(page)
    left, middle, right = st.columns(3, gap="large")
    settings = defaults
    if network:
        with left:
            if share:
                kind = inputs.pick("Network", "network", NETWORKS, defaults.network, NETWORK_NAMES.__getitem__)
                settings = replace(settings, network=kind)
            settings = _network_inputs(inputs, settings)
    with middle:
        settings = replace(
            settings,
            optimizer=inputs.pick("Optimizer", "optimizer", OPTIMIZERS, defaults.optimizer),
            learning_rate=inputs.choose("Learning rate", "learning_rate", LEARNING_RATES, defaults.learning_rate),
            batch_size=inputs.choose("Batch size", "batch_size", BATCH_SIZES, defaults.batch_size),
            label_smoothing=inputs.slide(
                "Label smoothing",
                "label_smoothing",
                *LIMITS["label_smoothing"],
                defaults.label_smoothing,
                step=0.05,
            ),
        )
    with right:
        settings = replace(settings, epochs=inputs.slide("Epochs", "epochs", 1, most_epochs, defaults.epochs))
        if share:
            train_share = inputs.choose(
                "Share of the training digits", "train_share", SHARES, defaults.train_share, "{:.0%}".format
            )
            forms = inputs.toggle(_FORMS, "forms", defaults.forms, help=help_texts.FORMS_OF_MNIST)
            vary_anew = inputs.slide(
                "Vary digits anew in each epoch", "vary_anew", *LIMITS["vary_anew"], defaults.vary_anew, step=0.1
            )
            half_precision = inputs.toggle("Compute in half precision", "half_precision", defaults.half_precision)
            settings = replace(
                settings,
                train_share=train_share,
                forms=forms,
                vary_anew=vary_anew,
                half_precision=half_precision,
            )
        if varied:
            settings = _variation_inputs(inputs, settings, varied)
        settings = replace(settings, seed=inputs.whole_number("Seed", "seed", defaults.seed))
    if inputs.refused:
        st.warning(f"The link asks for what is not on offer: {'; '.join(inputs.refused)}.", icon=":material/link_off:")
    if network:
        st.markdown(f"The network has **{count_parameters(settings):,} parameters**.")
    return settings


def _network_inputs(inputs: "_Inputs", defaults: Settings) -> Settings:
    straighten = inputs.toggle(
        "Straighten digits first",
        "straighten",
        defaults.straighten,
    )
    directions = defaults.directions
    if defaults.network == "dense":
        directions = inputs.toggle(
            "Tell it the directions of lines",
            "directions",
            defaults.directions,
        )
    layers = inputs.slide("Hidden layers", "hidden_layers", 0, MAX_HIDDEN_LAYERS, len(defaults.hidden_units))
    default_units = (*defaults.hidden_units, *(64,) * MAX_HIDDEN_LAYERS)
    hidden_units = tuple(
        inputs.choose(f"Units of layer {n + 1}", f"units_{n + 1}", UNITS, default_units[n]) for n in range(layers)
    )
    return replace(
        defaults,
        straighten=straighten,
        directions=directions,
        hidden_units=hidden_units,
        activation=inputs.pick("Activation", "activation", ACTIVATIONS, defaults.activation),
        dropout=inputs.slide(
            "Dropout",
            "dropout",
            *LIMITS["dropout"],
            defaults.dropout,
            step=0.05,
        ),
    )


def _variation_inputs(inputs: "_Inputs", defaults: Settings, varied: int) -> Settings:
    variation = inputs.slide(
        "Variation",
        "variation",
        *LIMITS["variation"],
        defaults.variation,
        step=0.1,
    )
    forms = inputs.toggle(_FORMS, "forms", defaults.forms, help=help_texts.FORMS_OF_DRAWINGS)
    pool = inputs.choose("Varied digits to train on, in all", "pool", POOLS, POOL)
    mnist_share = inputs.slide(
        "Share of MNIST's digits among them",
        "mnist_share",
        *LIMITS["mnist_share"],
        defaults.mnist_share,
        step=0.1,
    )
    views = inputs.choose("Views of MNIST's test pictures", "views", VIEWS, defaults.views, help=help_texts.VIEWS)
    copies = min(int(LIMITS["copies"][1]), -(-pool // varied))
    return replace(defaults, variation=variation, forms=forms, copies=copies, mnist_share=mnist_share, views=views)


class _Inputs:
    """Inputs of a page whose values go into the link; `refused` says what a link asked for that is not on offer."""

    def __init__(self, page: str) -> None:
        self.refused: list[str] = []
        self._page = page
        # Streamlit takes a bad value out of the link without a word: look at the link before it does.
        self._in_link = {key: value for key, value in st.query_params.items() if key not in st.session_state}

    def toggle(self, label: str, name: str, default: bool, *, help: str | None = None) -> bool:
        return st.toggle(label, default, help=help or _help(name), **self._kept(name))

    def choose(
        self,
        label: str,
        name: str,
        options: Sequence[Number],
        default: Number,
        show: Callable[[Number], str] = str,
        *,
        help: str | None = None,
    ) -> Number:
        value: Number = st.select_slider(
            label, options, value=default, format_func=show, help=help or _help(name), **self._kept(name)
        )
        # The link holds what is shown: 10%.
        self._check(label, name, show(value), f"one of {', '.join(map(show, options))}")
        return value

    def slide(
        self,
        label: str,
        name: str,
        least: Number,
        most: Number,
        default: Number,
        *,
        step: Number | None = None,
    ) -> Number:
        value: Number = st.slider(label, least, most, default, step=step, help=_help(name), **self._kept(name))
        self._check(label, name, value, f"{least} to {most}")
        return value

    def pick(
        self, label: str, name: str, options: Sequence[str], default: str, show: Callable[[str], str] = str
    ) -> str:
        value: str = st.pills(
            label,
            options,
            wrap=True,
            default=default,
            required=True,
            format_func=show,
            help=_help(name),
            **self._kept(name),
        )
        self._check(label, name, show(value), f"one of {', '.join(map(show, options))}")
        return value

    def whole_number(self, label: str, name: str, default: int) -> int:
        least, most = map(int, LIMITS[name])
        value: int = st.number_input(label, least, most, default, help=_help(name), **self._kept(name))
        self._check(label, name, value, f"{least} to {most}")
        return value

    def _kept(self, name: str) -> dict[str, Any]:
        """Return the arguments by which a value stays, also when the page is left, and goes into the link."""
        return kept(f"{self._page}_{name}", number=name not in ("activation", "network", "optimizer"))

    def _check(self, label: str, name: str, value: object, expected: str) -> None:
        asked = self._in_link.get(f"{self._page}_{name}")
        if asked is not None and not same(asked, value):
            self.refused.append(f"{label.lower()} {in_plain(asked[:80])} (expected {expected}; {value} is used)")


def _help(name: str) -> str:
    """Return what a setting does and what a good value is; all hidden layers share theirs."""
    return help_texts.SETTINGS["units" if name.startswith("units_") else name]
