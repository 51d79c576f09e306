"""How fast training is, beside Keras' `fit` as it comes: the same network, digits, batch size and epochs, alternating.

python tests/benchmarks/training_speed.py [--repeats 5] [--json OUT]
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from statistics import median

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import keras

from digitlab import mnist, models, training

SETTINGS = training.Settings()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    x_train, y_train = mnist.load_train()
    x_test, y_test = mnist.load_test()
    validation = x_train[-5000:], y_train[-5000:]
    methods = {"digitlab": train_ours, "keras_fit": train_keras}
    for train in methods.values():  # once unmeasured: the worker of the app is warm too
        train((x_train[:1000], y_train[:1000]), validation)
    seconds, accuracy = {name: [] for name in methods}, {}
    for _ in range(options.repeats):
        for name, train in methods.items():
            started = time.perf_counter()
            model = train((x_train, y_train), validation)
            seconds[name].append(time.perf_counter() - started)
            accuracy[name] = float((model.predict(x_test, verbose=0).argmax(axis=1) == y_test).mean())
    result = {name: round(median(values), 3) for name, values in seconds.items()}
    result["ratio_keras"] = round(result["digitlab"] / result["keras_fit"], 3)
    result["accuracy"] = accuracy
    print(f"784-128-10, batch size {SETTINGS.batch_size}, {SETTINGS.epochs} epochs over 60,000 digits with validation,")
    print(f"median seconds of {options.repeats}:")
    for name in methods:
        print(f"  {name:10} {result[name]:6.2f} s   test accuracy {accuracy[name]:.2%}")
    print(f"  ratio      {result['ratio_keras']:6.2f}")
    if options.json:
        options.json.write_text(json.dumps({"dense_5_epochs": result}) + "\n")


def train_ours(train_data, validation_data):
    model = build()
    training.train(model, train_data, validation_data, SETTINGS)
    return model


def train_keras(train_data, validation_data):
    model = build()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(
        *train_data,
        batch_size=SETTINGS.batch_size,
        epochs=SETTINGS.epochs,
        validation_data=validation_data,
        validation_batch_size=1000,
        verbose=0,
    )
    return model


def build():
    return models.build(SETTINGS.hidden_units, SETTINGS.activation, SETTINGS.dropout, SETTINGS.seed)


if __name__ == "__main__":
    main()
