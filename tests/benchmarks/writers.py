"""How well networks read people's pen strokes, and what they learn from few drawings: means over writers.

For each writer, with what the app itself uses: the MNIST-trained networks on that writer's digits; networks trained on
the first 1, 5 and 15 drawings per digit, from scratch (also without the forms of `digitlab/drawing/drop_parts.py`) and
further from the MNIST-trained ones; MNIST read in varied views; own digits read by network and nearest drawing
(`reader`); networks trained on MNIST's pictures, sorted without their labels by those drawings; and for all writers,
networks trained on everything the first 1, 3, 10 and 30 of them drew. A writer's last 100 drawings are never trained
on: `own` is the accuracy on them, `mnist` that on MNIST's 10,000 test digits.

All writers of the file take part, but for the slowest row (the convolutional network trained further), which every
third one takes; `--writers` names some of them, `--rows` some parts of the report. What is printed and written is the
mean over writers, their standard deviation (`_sd`) and the worst of them (`_worst`). Variation, forms, views and the
settings of `presets.defaults` were chosen on the 30 people of UCI's pen-based digits whose drawings we have, tested on
MNIST's *training* digits: for people nobody has tuned on expect less, by about 4 points of MNIST.

    python tests/benchmarks/writers.py --data WRITERS.ndjson.gz [--writers 1,2,3] [--rows views,reader] [--json OUT]

The file is that of `pen_strokes.py`.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import keras
import numpy as np
from PIL import Image, ImageDraw

from digitlab import mnist
from digitlab.digits import data_version
from digitlab.drawing.preprocess import ink_to_digit
from digitlab.drawing.stroke_variation import vary_drawings
from digitlab.drawing.strokes import PEN_WIDTH, strokes_to_digit
from digitlab.learning import compiled_steps, model_files, networks, presets, training, training_data
from digitlab.learning.cache_files import cache_dir
from digitlab.learning.reader import add_vote, make_reader
from digitlab.learning.unlabelled import graph, pictures, sorting, student, teacher
from digitlab.learning.views import VIEWS, read_features
from digitlab.settings import NETWORKS, Settings
from digitlab.storage.datasets import Dataset
from tests.benchmarks.pen_strokes import read_people

HELD_OUT = 100  # a writer's last drawings
PER_DIGIT = (1, 5, 15)
POOLED = (1, 3, 10, 30)
EVERY_THIRD = {("fine_tuned", "cnn")}  # a third of all the time if all writers took it
CANVAS, PEN = 280, 15  # pixels: about what the app's canvas has; the strokes of the file are scaled to fill 3/4 of it
AT_ONCE = 5000  # digits read at once: of so many is remembered what straightening and directions make of them
VALIDATION = tuple(array[-1000:] for array in mnist.load_train())  # only drawn as a curve by the app
# The convolutional network on MNIST; the dense one is that which comes with the project.
CNN_ON_MNIST = Settings(
    network="cnn",
    hidden_units=(64,),
    dropout=0.3,
    learning_rate=0.003,
    epochs=6,
    straighten=True,
    forms=True,
)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("DIGITLAB_WRITERS"))
    parser.add_argument("--writers", type=lambda text: [int(part) for part in text.split(",")], help="such as 1,2,5")
    parser.add_argument("--rows", type=lambda text: text.split(","), help="such as views,reader")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    writers = read_writers(options.data, parser)
    chosen = options.writers or sorted(writers)
    if not set(chosen) <= set(writers):
        parser.error(f"expected writers among {sorted(writers)}")
    writers = {writer: writers[writer] for writer in chosen}
    wanted = options.rows or [*SECTIONS]
    if not set(wanted) <= set(SECTIONS):
        parser.error(f"expected rows among {','.join(SECTIONS)}")
    started = time.perf_counter()
    compare_ink(writers)
    on_mnist = {"dense": model_files.load(model_files.REFERENCE)}
    if any(section in wanted for section in ("mnist_model", "fine_tuned")):
        on_mnist["cnn"] = train_on_mnist()
    report = {"writers": chosen}
    if "mnist_model" in wanted:
        report["mnist_model"] = read_with_mnist_models(on_mnist, writers)
    report |= learn(writers, on_mnist, wanted)
    if "pooled" in wanted:
        report["pooled"] = {network: pool(writers, network) for network in NETWORKS}
    if "unlabelled" in wanted:
        report["unlabelled"] = learn_unlabelled(writers)
    print_table(report)
    print(f"{(time.perf_counter() - started) / 60:.1f} minutes")
    if options.json:
        numbers = summary(report)
        for size, result in report.get("unlabelled", {}).items():
            numbers["unlabelled"][size] |= all_or_nothing(result["mnist"])
        options.json.write_text(json.dumps(numbers, indent=1) + "\n")


def read_writers(path, parser):
    """{writer: Dataset} in the order in which they drew."""
    return {writer: dataset(drawings) for writer, drawings in read_people(path, parser).items()}


def dataset(drawings):
    images = np.stack([strokes_to_digit(drawing.strokes) for drawing in drawings])
    labels = np.array([drawing.label for drawing in drawings])
    return Dataset(images, labels, 0.0, data_version(images, labels), [drawing.strokes for drawing in drawings])


def choose(data, indices):
    images, labels = data.images[indices], data.labels[indices]
    return Dataset(images, labels, 0.0, data_version(images, labels), [data.strokes[index] for index in indices])


def join(many):
    images, labels = (np.concatenate([getattr(data, name) for data in many]) for name in ("images", "labels"))
    return Dataset(
        images, labels, 0.0, data_version(images, labels), [drawing for data in many for drawing in data.strokes]
    )


def first_drawings(data, per_digit):
    """The first drawings of each digit, and the held-out ones."""
    indices = np.arange(len(data.labels))
    early = indices[:-HELD_OUT]
    taken = np.concatenate([early[data.labels[early] == digit][:per_digit] for digit in range(10)])
    return choose(data, taken), choose(data, indices[-HELD_OUT:])


def accuracy(model, images, labels):
    """Share of the digits that a model reads right."""
    right = 0
    for start in range(0, len(labels), AT_ONCE):
        inputs = compiled_steps.fixed_features(model, images[start : start + AT_ONCE])
        with compiled_steps.of_model(model, "adam") as compiled:
            right += (compiled.predict(inputs).numpy() == labels[start : start + AT_ONCE]).sum()
    return float(right / len(labels))


def probabilities(model, images):
    with compiled_steps.of_model(model, "adam") as compiled:
        return compiled.probabilities(compiled_steps.fixed_features(model, images)).numpy()


@cache
def mnist_features(front):
    """What the front of a network makes of MNIST's test digits."""
    return compiled_steps.features_of(front, mnist.load_test()[0])


def mnist_accuracy(model):
    inputs = mnist_features(networks.describe_front(model))
    with compiled_steps.of_model(model, "adam") as compiled:
        return float((compiled.predict(inputs).numpy() == mnist.load_test()[1]).mean())


def train(images, labels, settings, start=None):
    """A network trained as the app does."""
    if settings.mnist_share:
        images, labels = training_data.mix_in_mnist(images, labels, *mnist.load_train(), settings)
    if start is None:
        model = networks.build(settings)
    else:
        model = keras.models.clone_model(start)
        model.set_weights(start.get_weights())
    training.train(model, (images, labels), VALIDATION, settings)
    return model


class Case:
    """A writer's first drawings, and networks trained on them; what several rows need is made once.

    Attributes:
        drawings: To train on.
        own: The writer's last ones.
        strokes: Of these.
    """

    def __init__(self, data, per_digit, on_mnist):
        self.drawings, self.own = first_drawings(data, per_digit)
        self._on_mnist = on_mnist
        self._varied, self._trained = {}, {}

    def trained(self, network, *, further=False, **changed):
        """A network with the app's own settings but for what is `changed`, and the seconds it took, variation too."""
        key = network, further, *changed.items()
        if key not in self._trained:
            settings = replace(presets.defaults(len(self.drawings.labels), network, from_saved=further), **changed)
            (images, labels), seconds = self._vary(settings)
            began = time.perf_counter()
            model = train(images, labels, settings, self._on_mnist[network] if further else None)
            self._trained[key] = model, seconds + time.perf_counter() - began
        return self._trained[key]

    def _vary(self, settings):
        key = settings.copies, settings.variation, settings.forms
        if key not in self._varied:
            began = time.perf_counter()
            self._varied[key] = training_data.vary(self.drawings, settings), time.perf_counter() - began
        return self._varied[key]

    def scores(self, network, **how):
        model, seconds = self.trained(network, **how)
        own = accuracy(model, self.own.images, self.own.labels)
        return {"mnist": mnist_accuracy(model), "own": own, "seconds": seconds}


def views(case):
    model, _ = case.trained("dense")
    began = time.perf_counter()
    seen = read_features(networks.describe_front(model), *mnist.load_test(), cache_dir() / "views", VIEWS)
    right = training.read_mean(model, seen).argmax(axis=1) == mnist.load_test()[1]
    return {"mnist": float(right.mean()), "seconds": time.perf_counter() - began}


def reader(case, *, further):
    model, _ = case.trained("dense", further=further)
    mine = make_reader(case.drawings.strokes, case.drawings.labels)
    read = add_vote(mine, case.own.strokes, probabilities(model, case.own.images))
    return float((read.argmax(axis=1) == case.own.labels).mean())


# A row each: where it stands in the report, and what it makes of a `Case`.
ROWS = {
    ("from_scratch", "dense"): lambda case: case.scores("dense"),
    ("from_scratch", "cnn"): lambda case: case.scores("cnn"),
    ("forms_off", "dense"): lambda case: case.scores("dense", forms=False),
    ("views", "dense"): views,
    ("fine_tuned", "dense"): lambda case: case.scores("dense", further=True),
    ("fine_tuned", "cnn"): lambda case: case.scores("cnn", further=True),
    ("reader", "from_scratch"): lambda case: reader(case, further=False),
    ("reader", "fine_tuned"): lambda case: reader(case, further=True),
}
SECTIONS = dict.fromkeys(["mnist_model", *(section for section, _ in ROWS), "pooled", "unlabelled"])


def learn(writers, on_mnist, wanted):
    """Train on the first drawings of each writer: the rows of the report, values of the writers in their order."""
    report = defaultdict(lambda: defaultdict(dict))
    rows = {row: score for row, score in ROWS.items() if row[0] in wanted}
    for per_digit in PER_DIGIT:
        values = defaultdict(list)
        for number, data in enumerate(writers.values()):
            case = Case(data, per_digit, on_mnist)
            for row, score in rows.items():
                if row not in EVERY_THIRD or number % 3 == 0:
                    values[row].append(score(case))
        for (section, kind), its in values.items():
            result = {name: [each[name] for each in its] for name in its[0]} if isinstance(its[0], dict) else its
            report[section][kind][str(per_digit)] = result
            print(section, kind, per_digit, brief(result), flush=True)
    return report


def train_on_mnist():
    began = time.perf_counter()
    data = training_data.take_mnist(*mnist.load_train(), CNN_ON_MNIST)
    model = train(data.images, data.labels, CNN_ON_MNIST)
    print(f"convolutional network on MNIST: {mnist_accuracy(model):.1%} in {time.perf_counter() - began:.0f} s")
    return model


def read_with_mnist_models(on_mnist, writers):
    """Accuracy on each writer's drawings, by network and by how their strokes become digits."""
    ways = {"resize": resize, "pixels": lambda strokes: ink_to_digit(canvas_ink(strokes)), "strokes": strokes_to_digit}
    people = {network: {way: [] for way in ways} for network in on_mnist}
    for data in writers.values():
        for way, digit in ways.items():
            images = np.stack([digit(strokes) for strokes in data.strokes])
            for network, model in on_mnist.items():
                people[network][way].append(accuracy(model, images, data.labels))
    return people


def canvas_ink(strokes):
    """What a canvas shows: the drawing in its middle, drawn with a pen of even width."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    image = Image.new("L", (CANVAS, CANVAS))
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        line = (stroke - (low + high) / 2) * 0.75 * CANVAS / max(high - low) + CANVAS / 2
        draw.line([tuple(point) for point in line], fill=255, width=PEN, joint="curve")
        for x, y in (line[0], line[-1]):
            draw.ellipse((x - PEN / 2, y - PEN / 2, x + PEN / 2, y + PEN / 2), fill=255)
    return np.asarray(image)


def resize(strokes):
    return np.asarray(Image.fromarray(canvas_ink(strokes)).resize((28, 28), Image.Resampling.BOX))


def learn_unlabelled(writers, sizes=PER_DIGIT):
    """Sort MNIST's training pictures, never their labels, by the first drawings of each writer; nobody looks at the
    piles. It is right or badly wrong, so the median and the number of writers below 90 % say more than the mean.
    """
    x_train = mnist.load_train()[0]
    places = pictures.choose_pictures(x_train)
    features = pictures.features_of(x_train[places])
    with tempfile.TemporaryDirectory() as folder:
        joined = graph.join(graph.find_neighbours(features, Path(folder)))
    results = {}
    for per_digit in sizes:
        result = {"mnist": [], "own": [], "seconds": []}
        for data in writers.values():
            train_data, own = first_drawings(data, per_digit)
            began = time.perf_counter()
            said = teacher.read_pictures(train_data, features, 0, lambda share: False)
            piles = sorting.sort(joined, said).piles
            settings = student.settings_for(len(places), len(train_data.labels), 0)
            model = networks.build(settings)
            digits = student.digits_to_learn(x_train[places], piles, train_data, settings)
            training.train(model, digits, VALIDATION, settings)
            result["seconds"].append(time.perf_counter() - began)
            result["mnist"].append(mnist_accuracy(model))
            result["own"].append(accuracy(model, own.images, own.labels))
        results[str(per_digit)] = result
        print("unlabelled", per_digit, brief(result), all_or_nothing(result["mnist"]), flush=True)
    return results


def all_or_nothing(accuracies):
    return {"median": float(np.median(accuracies)), "below_90": sum(value < 0.9 for value in accuracies)}


def pool(writers, network):
    results = {}
    for count in [count for count in POOLED if count <= len(writers)]:
        together = join(list(writers.values())[:count])
        settings = presets.defaults(len(together.labels), network)
        began = time.perf_counter()
        model = train(*training_data.vary(together, settings), settings)
        result = {"mnist": mnist_accuracy(model), "seconds": time.perf_counter() - began}
        if count < len(writers):
            others = join(list(writers.values())[count:])
            result["others"] = accuracy(model, others.images, others.labels)
        results[str(count)] = result
        print(network, f"{count} writers pooled", brief(result), flush=True)
    return results


def compare_ink(writers):
    """Stroke widths and grey levels beside those of MNIST's training digits."""
    strokes = [drawing for data in writers.values() for drawing in data.strokes][:1000]
    varied = vary_drawings(strokes, 1, 1.0, np.random.default_rng(0))
    sets = {
        "MNIST, training digits": mnist.load_train()[0][:10_000],
        f"strokes_to_digit, {PEN_WIDTH} px": join(list(writers.values())).images,
        "varied drawings": varied,
    }
    print(f"{'ink':28}  mean  pixels inked  of these full  stroke width (10/50/90 %)")
    for name, images in sets.items():
        inked = images > 0
        low, middle, high = np.percentile(stroke_widths(images), (10, 50, 90))
        full = (images >= 250).sum() / inked.sum()
        widths = f"{low:.1f} / {middle:.1f} / {high:.1f} px"
        print(f"{name:28} {images.mean():5.1f} {inked.mean():13.1%} {full:14.1%}  {widths}")
    print()


def stroke_widths(images):
    """About the width of each digit's strokes: twice its ink over the length of its outline, where ink is half."""
    ink = images.astype(float) / 255
    down, right = np.diff(ink, axis=1, append=0), np.diff(ink, axis=2, append=0)
    return 2 * ink.sum(axis=(1, 2)) / np.hypot(down, right).sum(axis=(1, 2))


def summary(report):
    """The report with numbers in place of the values of each writer: the mean, and beside it their sd and the worst."""
    numbers = {}
    for key, value in report.items():
        if isinstance(value, dict):
            numbers[key] = summary(value)
        elif key == "writers" or not isinstance(value, list):
            numbers[key] = value
        else:
            numbers[key] = float(np.mean(value))
            if key != "seconds":
                numbers |= {f"{key}_sd": float(np.std(value)), f"{key}_worst": min(value)}
    return numbers


def brief(result):
    if not isinstance(result, dict):
        return f"own {spread(result)}"
    return "  ".join(
        f"{name} {np.mean(values):.1f} s" if name == "seconds" else f"{name} {spread(values)}"
        for name, values in result.items()
    )


def spread(values):
    if isinstance(values, float):
        return f"{100 * values:5.1f} %"
    return f"{100 * np.mean(values):5.1f} % (sd {100 * np.std(values):3.1f}, worst {100 * min(values):3.0f})"


def print_table(report):
    print(f"\nMeans over {len(report['writers'])} writers, their standard deviation and the worst of them")
    for network, ways in report.get("mnist_model", {}).items():
        for way, values in ways.items():
            print(f"{network:6} trained on MNIST, people's drawings by {way:8} {spread(values)}")
    for section, kind in ROWS:
        for size, result in report.get(section, {}).get(kind, {}).items():
            print(f"{kind:12} {section.replace('_', ' '):13} {size:>3} per digit   {brief(result)}")
    for size, result in report.get("unlabelled", {}).items():
        print(
            f"MNIST's pictures without labels  {size:>3} per digit   {brief(result)}  {all_or_nothing(result['mnist'])}"
        )
    for network, sizes in report.get("pooled", {}).items():
        for size, result in sizes.items():
            print(f"{network:12} pooled        {size:>3} writers     {brief(result)}")


if __name__ == "__main__":
    main()
