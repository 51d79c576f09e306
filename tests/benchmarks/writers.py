"""How well networks read people's pen strokes, and what they learn from few drawings: means over writers.

For each writer, with what the app itself uses: the MNIST-trained networks on that writer's digits; networks trained on
the first 1, 5 and 15 drawings per digit, from scratch (also without the forms of `digitlab/drawing/forms.py`) and
further from the MNIST-trained ones; networks trained on MNIST's pictures, sorted without their labels by those
drawings; and for all writers, networks trained on everything the first 1, 3, 10 and 30 of them drew. A writer's last
100 drawings are never trained on: `own` is the accuracy on them, `mnist` that on MNIST's 10,000 test digits.

All writers of the file take part; `--writers` names some of them. What is printed and written is the mean over writers,
their standard deviation (`_sd`) and the worst of them (`_worst`). Variation, forms and the settings of
`presets.defaults` were chosen on the 30 people of UCI's pen-based digits whose drawings we have, tested on MNIST's
*training* digits: for people nobody has tuned on expect less, by about 4 points of MNIST.

    python tests/benchmarks/writers.py --data WRITERS.ndjson.gz [--writers 1,2,3] [--json OUT]

The file holds one drawing a line: writer, order, label (0-9), strokes (a list of [[x, ...], [y, ...]], y down).
"""

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
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
from digitlab.drawing.strokes import STROKE_WIDTH, strokes_to_digit
from digitlab.learning import compiled_steps, model_files, networks, presets, training, training_data
from digitlab.learning.unlabelled import graph, pictures, sorting, student, teacher
from digitlab.settings import NETWORKS, Settings
from digitlab.storage.datasets import Dataset

HELD_OUT = 100  # a writer's last drawings
PER_DIGIT = (1, 5, 15)
POOLED = (1, 3, 10, 30)
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
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.data is None or not Path(options.data).is_file():
        parser.error("name a file of pen strokes with --data or DIGITLAB_WRITERS; without one there is nothing to do")
    writers = read_writers(Path(options.data))
    chosen = options.writers or sorted(writers)
    if not set(chosen) <= set(writers):
        parser.error(f"expected writers among {sorted(writers)}")
    writers = {writer: writers[writer] for writer in chosen}
    compare_ink(writers)
    started = model_files.load(model_files.REFERENCE), train_on_mnist()
    on_mnist = dict(zip(NETWORKS, started, strict=True))
    report = {
        "writers": chosen,
        "mnist_model": {network: read_people(model, writers) for network, model in on_mnist.items()},
        "from_scratch": {network: learn(writers, network) for network in NETWORKS},
        "forms_off": {"dense": learn(writers, "dense", forms=False)},
        "fine_tuned": {network: learn(writers, network, model) for network, model in on_mnist.items()},
        "pooled": {network: pool(writers, network) for network in NETWORKS},
        "unlabelled": learn_unlabelled(writers),
    }
    print_table(report)
    if options.json:
        numbers = summary(report)
        for size, result in report["unlabelled"].items():
            numbers["unlabelled"][size] |= all_or_nothing(result["mnist"])
        options.json.write_text(json.dumps(numbers, indent=1) + "\n")


def read_writers(path):
    """{writer: Dataset} in the order in which they drew."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        rows = sorted((json.loads(line) for line in lines), key=lambda row: (row["writer"], row["order"]))
    return {
        writer: dataset([row for row in rows if row["writer"] == writer]) for writer in {row["writer"] for row in rows}
    }


def dataset(rows):
    strokes = [[np.array(stroke, float).T for stroke in row["strokes"] if stroke[0]] for row in rows]
    images = np.stack([strokes_to_digit(drawing) for drawing in strokes])
    labels = np.array([row["label"] for row in rows])
    return Dataset(images, labels, 0.0, data_version(images, labels), strokes)


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


def train(data, settings, start=None):
    """A network trained as the app does, and the seconds it took, variation included."""
    began = time.perf_counter()
    images, labels = training_data.vary(data, settings)
    if settings.mnist_share:
        images, labels = training_data.mix_in_mnist(images, labels, *mnist.load_train(), settings)
    if start is None:
        model = networks.build(settings)
    else:
        model = keras.models.clone_model(start)
        model.set_weights(start.get_weights())
    training.train(model, (images, labels), VALIDATION, settings)
    return model, time.perf_counter() - began


def train_on_mnist():
    model, seconds = train(training_data.take_mnist(*mnist.load_train(), CNN_ON_MNIST), CNN_ON_MNIST)
    print(f"convolutional network on MNIST: {accuracy(model, *mnist.load_test()):.1%} in {seconds:.0f} s")
    return model


def read_people(model, writers):
    ways = {"resize": resize, "pixels": lambda strokes: ink_to_digit(canvas_ink(strokes)), "strokes": strokes_to_digit}
    return {
        way: [
            accuracy(model, np.stack([digit(strokes) for strokes in data.strokes]), data.labels)
            for data in writers.values()
        ]
        for way, digit in ways.items()
    }


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


def learn(writers, network, start=None, **changed):
    """Train on the first drawings of each writer, with the app's own settings but for what is `changed`."""
    results = {}
    for per_digit in PER_DIGIT:
        result = {"mnist": [], "own": [], "seconds": []}
        for data in writers.values():
            train_data, own = first_drawings(data, per_digit)
            settings = presets.defaults(len(train_data.labels), network, from_saved=start is not None)
            model, seconds = train(train_data, replace(settings, **changed), start)
            result["mnist"].append(accuracy(model, *mnist.load_test()))
            result["own"].append(accuracy(model, own.images, own.labels))
            result["seconds"].append(seconds)
        results[str(per_digit)] = result
        print(network, "fine-tuned" if start else "from scratch", changed or "", per_digit, brief(result), flush=True)
    return results


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
            model, _, _ = student.train(train_data, (x_train[places], piles), VALIDATION, settings)
            result["seconds"].append(time.perf_counter() - began)
            result["mnist"].append(accuracy(model, *mnist.load_test()))
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
        model, seconds = train(together, presets.defaults(len(together.labels), network))
        result = {"mnist": accuracy(model, *mnist.load_test()), "seconds": seconds}
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
        f"strokes_to_digit, {STROKE_WIDTH} px": join(list(writers.values())).images,
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
    for network, ways in report["mnist_model"].items():
        for way, values in ways.items():
            print(f"{network:6} trained on MNIST, people's drawings by {way:8} {spread(values)}")
    for how in ("from_scratch", "forms_off", "fine_tuned"):
        for network, sizes in report[how].items():
            for size, result in sizes.items():
                print(f"{network:6} {how.replace('_', ' '):13} {size:>3} per digit   {brief(result)}")
    for size, result in report["unlabelled"].items():
        print(
            f"MNIST's pictures without labels  {size:>3} per digit   {brief(result)}  {all_or_nothing(result['mnist'])}"
        )
    for network, sizes in report["pooled"].items():
        for size, result in sizes.items():
            print(f"{network:6} pooled        {size:>3} writers     {brief(result)}")


if __name__ == "__main__":
    main()
