"""DataFrame -> Altair chart."""

import altair as alt
import pandas as pd

from digitlab.digits import CLASS_NAMES, NUM_CLASSES

# Blue and orange of Okabe and Ito's palette, told apart by colour-blind people too.
BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#8a8f98"
TEST_SETS = ["MNIST test set", "own test set"]
_TESTS = alt.Scale(domain=TEST_SETS, range=[BLUE, ORANGE])
AXIS_PERCENT = alt.Axis(format=".0%")


def probabilities(frame: pd.DataFrame) -> alt.Chart:
    """Ten probabilities as bars.

    Args:
        frame: Columns `digit` and `probability` (0-1).
    """
    highest = frame["probability"].max()
    bars = alt.Chart(frame).mark_bar(cornerRadiusEnd=2)
    return bars.encode(
        x=alt.X("probability:Q", title="probability", scale=alt.Scale(domain=[0, 1]), axis=AXIS_PERCENT),
        y=alt.Y("digit:N", title=None, sort=list(CLASS_NAMES), axis=alt.Axis(labelOverlap=False)),
        color=alt.condition(alt.datum.probability >= highest, alt.value(BLUE), alt.value(GREY)),
        tooltip=["digit:N", alt.Tooltip("probability:Q", format=".2%")],
    ).properties(height=260)


def training_curves(frame: pd.DataFrame) -> alt.VConcatChart:
    """Accuracy and loss of one training, side by side.

    Args:
        frame: As `cards.histories` returns it, of one run.
    """
    return _curves(
        frame,
        alt.Scale(nice=False),
        color=alt.Color("data:N", title=None, scale=alt.Scale(domain=["training", "validation"], range=[BLUE, ORANGE])),
    )


def training_curves_laid_over(frame: pd.DataFrame) -> alt.VConcatChart:
    """Accuracy and loss of several trainings; validation is dashed.

    Args:
        frame: As `cards.histories` returns it.
    """
    return _curves(
        frame,
        alt.Scale(type="log", nice=False),  # 5 epochs of one run beside 500 of another
        color=alt.Color("name:N", title=None, legend=alt.Legend(orient="bottom", columns=3, labelLimit=260)),
        strokeDash=alt.StrokeDash("data:N", title=None, scale=alt.Scale(domain=["training", "validation"])),
    )


def _curves(frame: pd.DataFrame, epochs: alt.Scale, **encoding: object) -> alt.VConcatChart:
    def one(measure: str, axis: alt.Axis, title: str) -> alt.Chart:
        chart = alt.Chart(frame[frame["measure"] == measure], height=220, width="container")
        return chart.mark_line(point=frame["epoch"].nunique() < 30).encode(
            x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d"), scale=epochs),
            y=alt.Y("value:Q", title=title, axis=axis, scale=alt.Scale(zero=False)),
            tooltip=["name:N", "data:N", "epoch:Q", alt.Tooltip("value:Q", title=measure, format=".4f")],
            **encoding,
        )

    accuracy = one("accuracy", AXIS_PERCENT, "accuracy")
    return alt.vconcat(accuracy, one("loss", alt.Axis(), "loss (nats)"))


def confusion(frame: pd.DataFrame) -> alt.LayerChart:
    """Confusion matrix with counts; mistakes are coloured by their share of the label.

    Args:
        frame: As `cards.confusion` returns it.
    """
    base = alt.Chart(frame).encode(
        x=alt.X("prediction:N", title="prediction", axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("label:N", title="label"),
    )
    cells = base.mark_rect().encode(
        # By the root of the share: a few mistakes shall be seen beside many right predictions.
        color=alt.Color(
            "share:Q", legend=None, scale=alt.Scale(type="pow", exponent=0.5, scheme="blues", domain=[0, 1])
        ),
        tooltip=["label:N", "prediction:N", "count:Q", alt.Tooltip("share:Q", format=".1%")],
    )
    counts = base.mark_text(fontSize=10).encode(
        text="count:Q", color=alt.condition(alt.datum.share > 0.3, alt.value("white"), alt.value("#333333"))
    )
    return (cells + counts).properties(height=330)


def accuracy_by_digit(frame: pd.DataFrame) -> alt.Chart:
    """Accuracy per digit of one run.

    Args:
        frame: As `cards.accuracy_by_digit` returns it.
    """
    chart = alt.Chart(frame).mark_bar(cornerRadiusEnd=2, color=BLUE)
    return chart.encode(
        x=alt.X("digit:N", title="digit", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("accuracy:Q", title="accuracy", axis=AXIS_PERCENT, scale=alt.Scale(domain=[0, 1])),
        tooltip=["digit:N", "n:Q", alt.Tooltip("accuracy:Q", format=".1%")],
    ).properties(height=330)


def accuracy_by_method(frame: pd.DataFrame) -> alt.LayerChart:
    """Accuracy of each run with its 95 % interval, and the line of chance at 10 %.

    Args:
        frame: As `cards.accuracies` returns it.
    """
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
        yOffset=alt.YOffset("test_set:N", sort=TEST_SETS),
        color=alt.Color("test_set:N", title=None, scale=_TESTS, legend=alt.Legend(orient="top")),
        tooltip=_ACCURACY_TOOLTIP,
    )
    x = alt.X("accuracy:Q", title="accuracy", axis=AXIS_PERCENT, scale=alt.Scale(domain=[0, 1]))
    bars = base.mark_bar(opacity=0.75, cornerRadiusEnd=2).encode(x=x)
    intervals = base.mark_rule(strokeWidth=2, color="black").encode(x="low:Q", x2="high:Q", color=alt.value("#444444"))
    return _chance() + bars + intervals


_ACCURACY_TOOLTIP = [
    "name:N",
    "test_set:N",
    alt.Tooltip("accuracy:Q", format=".1%"),
    alt.Tooltip("low:Q", format=".1%"),
    alt.Tooltip("high:Q", format=".1%"),
    alt.Tooltip("n:Q", title="test digits"),
    alt.Tooltip("human_minutes:Q", format=".2f"),
]


def seconds_by_digit(frame: pd.DataFrame) -> alt.Chart:
    """Seconds a digit takes, as boxes.

    Args:
        frame: As `collection.times` returns it.
    """
    return (
        alt.Chart(frame)
        .mark_boxplot(color=BLUE, size=24)
        .encode(
            x=alt.X("digit:N", title="digit", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("seconds:Q", title="seconds a digit", scale=alt.Scale(zero=True)),
        )
        .properties(height=260)
    )


def seconds_over_time(frame: pd.DataFrame) -> alt.LayerChart:
    """Seconds of each drawing in the order of drawing, and the median of the last ten: practice and fatigue.

    Args:
        frame: As `collection.times` returns it.
    """
    base = alt.Chart(frame).encode(
        x=alt.X("number:Q", title="drawing number of the writer"),
        color=alt.Color("writer:N", title=None, legend=alt.Legend(orient="bottom")),
        tooltip=["writer:N", "number:Q", "digit:N", alt.Tooltip("seconds:Q", format=".2f")],
    )
    points = base.mark_point(size=18, opacity=0.45).encode(y=alt.Y("seconds:Q", title="seconds a digit"))
    return (points + base.mark_line(strokeWidth=2.5).encode(y="median:Q")).properties(height=260)


def _chance() -> alt.Chart:
    line = alt.Chart(pd.DataFrame({"chance": [1 / NUM_CLASSES]})).mark_rule(strokeDash=[4, 4], color=GREY)
    return line.encode(x="chance:Q")
