"""784-128-10 by several libraries, for training_speed.py."""

import json
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path
from statistics import median

import cloudpickle
import keras
import numpy as np
import tensorflow as tf
from sklearn.neural_network import MLPClassifier

from digitlab import mnist
from digitlab.learning import networks, training
from digitlab.settings import Settings
from tests.helpers import finished

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the worker cannot import this file

SETTINGS = Settings()
SIZE, PRODUCTS = 2048, 20  # of the matrix products measured


def compare(jobs, repeats, torch_python):
    """What `dense_5_epochs` of the report holds."""
    x_train, y_train = mnist.load_train()
    x_test, y_test = mnist.load_test()
    validation = x_train[-5000:], y_train[-5000:]
    flat, flat_test = (images.reshape(-1, 784) / np.float32(255) for images in (x_train, x_test))

    def digitlab(n, epochs):
        job = finished(jobs, jobs.submit(train_here, n, epochs))
        if job.error:
            raise RuntimeError(job.error)
        return job.result

    def keras_fit(n, epochs):
        model = networks.build(SETTINGS)

        def fit():
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            model.compile("adam", loss, metrics=["accuracy"])
            model.fit(
                x_train[:n],
                y_train[:n],
                batch_size=SETTINGS.batch_size,
                epochs=epochs,
                validation_data=validation,
                verbose=0,
            )

        seconds = timed(fit)
        return seconds, accuracy(model, x_test, y_test)

    def sklearn(n, epochs):
        model = MLPClassifier(SETTINGS.hidden_units, batch_size=SETTINGS.batch_size, max_iter=epochs, alpha=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that it has not converged
            seconds = timed(lambda: model.fit(flat[:n], y_train[:n]))
        return seconds, float(model.score(flat_test, y_test))

    methods = {"digitlab": digitlab, "keras_fit": keras_fit, "sklearn": sklearn}
    for train in methods.values():
        train(1000, 1)
    seconds, accuracies = {name: [] for name in (*methods, "torch")}, {name: [] for name in (*methods, "torch")}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.npz"
        np.savez(path, x=x_train, y=y_train, x_test=x_test, y_test=y_test)
        torch = start_torch(torch_python, path)
        for _ in range(repeats):
            for name, train in methods.items():
                took, share = train(None, SETTINGS.epochs)
                seconds[name].append(took)
                accuracies[name].append(share)
            if torch:
                torch.stdin.write("\n")
                torch.stdin.flush()
                answer = json.loads(torch.stdout.readline())
                seconds["torch"].append(answer["seconds"])
                accuracies["torch"].append(answer["accuracy"])
        if torch:
            torch.communicate()
    result = {name: round(median(values), 3) if values else None for name, values in seconds.items()}
    for name in ("keras", "sklearn", "torch"):
        other = result["keras_fit" if name == "keras" else name]
        result[f"ratio_{name}"] = other and round(result["digitlab"] / other, 3)
    result["accuracy"] = {name: round(median(values), 4) if values else None for name, values in accuracies.items()}
    print(f"784-128-10, batch size {SETTINGS.batch_size}, {SETTINGS.epochs} epochs over 60,000 digits, medians:")
    for name, accuracy_of_it in result["accuracy"].items():
        if accuracy_of_it:
            ratio = result["digitlab"] / result[name]
            print(f"  {name:10} {result[name]:6.2f} s   ratio {ratio:5.2f}   test accuracy {accuracy_of_it:.2%}")
    return result


def train_here(n, epochs, report, should_stop):
    """What a job runs on the worker: the seconds that `training.train` takes, and the accuracy."""
    x_train, y_train = mnist.load_train()
    validation = x_train[-5000:], y_train[-5000:]
    model = networks.build(SETTINGS)
    settings = replace(SETTINGS, epochs=epochs)
    seconds = timed(lambda: training.train(model, (x_train[:n], y_train[:n]), validation, settings))
    return seconds, accuracy(model, *mnist.load_test())


def accuracy(model, x_test, y_test):
    return float((model.predict(x_test, verbose=0).argmax(axis=1) == y_test).mean())


def start_torch(python, path):
    """The PyTorch loop in its own process, or None where PyTorch cannot be imported."""
    if subprocess.run([python, "-c", "import torch, numpy"], capture_output=True, check=False).returncode:
        return None
    command = [python, Path(__file__).with_name("torch_loop.py"), path, SETTINGS.batch_size, SETTINGS.epochs]
    return subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def multiplications_per_second():
    """Multiplications (each with an addition) that large matrix products reach here, at best."""
    matrix = tf.random.normal((SIZE, SIZE))

    def multiply():
        for _ in range(PRODUCTS):
            product = matrix @ matrix
        product.numpy()

    multiply()
    return PRODUCTS * SIZE**3 / min(timed(multiply) for _ in range(3))


def timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
