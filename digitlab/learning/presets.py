"""Settings that were found to work: for MNIST, and for an amount of drawings."""

from digitlab.settings import LIMITS, Settings

POOL = 8000  # varied digits: more did not teach more, see tests/benchmarks/writers.py

# For MNIST. Chosen on the last of its training digits, which they were not trained on: the quickest above 98.5 %, what
# gains most after that, and what reads most within 2.5 and 25 seconds on two cores that have instructions for bfloat16
# (`training_speed.py --only record`); without them the last one computes in 32 bits, and takes longer.
PRESETS = {
    "Plain": Settings(),
    "Fast": Settings(learning_rate=0.006, epochs=2, straighten=True, directions=True),
    "Best": Settings(
        hidden_units=(256,),
        dropout=0.2,
        learning_rate=0.006,
        batch_size=256,
        epochs=8,
        straighten=True,
        directions=True,
    ),
    "99 %": Settings(
        hidden_units=(256,),
        learning_rate=0.01,
        batch_size=256,
        epochs=6,
        straighten=True,
        directions=True,
        label_smoothing=0.2,
    ),
    "99.5 %": Settings(
        network="lenet",
        learning_rate=0.006,
        batch_size=256,
        epochs=10,
        straighten=True,
        label_smoothing=0.1,
        vary_anew=0.2,
        half_precision=True,
    ),
}


def defaults(drawings: int, network: str = "dense", *, from_saved: bool = False) -> Settings:
    """Return settings that suit an amount of drawings: as many varied copies as make about 500 good steps.

    Those of a training from scratch were chosen on 30 people, see tests/benchmarks/writers.py.

    Args:
        drawings: How many there are to train on.
        network: One of `settings.NETWORKS`.
        from_saved: A saved model is trained further: in smaller steps and with as many of MNIST's digits, or it forgets
            what it knew.
    """
    copies = min(int(LIMITS["copies"][1]), max(8, -(-POOL // max(1, drawings))))
    rate = 0.006 if network == "dense" else 0.003
    return Settings(
        hidden_units=(512,) if network == "dense" else (64,),
        dropout=0.0 if network == "dense" else 0.3,
        learning_rate=0.0003 if from_saved else rate,
        epochs=8,
        network=network,
        straighten=True,
        directions=network == "dense",
        mnist_share=0.5 if from_saved else 0.0,
        copies=copies,
        forms=not from_saved,
        label_smoothing=0.0 if from_saved else 0.3,
    )
