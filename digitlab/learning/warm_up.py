"""What the first training would have to wait for, done before it: a new worker runs all parts in their order."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from digitlab import mnist
from digitlab.learning import model_files, networks, presets, progress, training
from digitlab.settings import Settings

PARTS = 5


def warm_up(
    part: int,
    *,
    report: Callable[[dict[str, Any]], None],
    should_stop: Callable[[], bool],  # noqa: ARG001
) -> None:
    """Load, compile and convert; each part takes a second or two.

    Args:
        part: From 0 to `PARTS` - 1, in this order.
        report: Called with `progress.Stage` as an event.
        should_stop: Not asked.
    """
    report(progress.to_event(progress.Stage("Warming up")))
    x_train, y_train = mnist.load_train()
    if not part:
        import tensorflow  # noqa: F401

        mnist.load_test()
        return
    # First what somebody new waits for: ten drawings are trained on by themselves, see `ui.training.first_answer`.
    settings = (presets.defaults(10), Settings())[(part - 1) // 2]
    model = networks.build(settings)
    if part % 2:
        few = x_train[: settings.batch_size], y_train[: settings.batch_size]
        training.train(model, few, few, replace(settings, epochs=1))
        return
    model_files.pack(model)
