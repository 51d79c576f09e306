"""From the click to the result, through the app's own job queue, for training_speed.py."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

import cloudpickle
import numpy as np
import psutil

from digitlab.curve.points import Curve
from digitlab.curve.training import train_size
from digitlab.drawing.stroke_variation import vary_strokes
from digitlab.drawing.strokes import strokes_to_digit
from digitlab.jobs.cluster import WORKER_ENVIRONMENT
from digitlab.jobs.engine import Jobs
from digitlab.learning import experiment, presets, warm_up
from digitlab.settings import LIMITS
from digitlab.storage.batches import start_batch
from digitlab.storage.drawings import save_drawing
from digitlab.storage.runs import read_run
from digitlab.storage.store import Store
from digitlab.storage.writers import add_writer
from tests.benchmarks.visitors import PAGES
from tests.helpers import finished, human_strokes

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the worker cannot import this file

ROOT = Path(__file__).parents[2]
GOALS = {0.98: replace(presets.PRESETS["Fast"], epochs=1), 0.985: presets.PRESETS["Fast"]}
RECORDS = {"99 %": 0.99, "99.5 %": 0.995}  # presets, and what they shall read of MNIST's test digits
SIZES, SEEDS = range(10, 101, 10), 3
FIRST_CLICK = 5  # seconds after the start of the server


class Lab:
    """A database with 10, 100 and 1,000 drawings and a warm worker."""

    def __init__(self, folder):
        self.folder, self.database_url = folder, f"sqlite:///{folder / 'digitlab.db'}"
        self.batches = {}
        rng, people = np.random.default_rng(0), human_strokes()
        with closing(Store(self.database_url)) as store:
            writer = add_writer(store, "benchmark")
            for n in (10, 100, 1000):
                labels = [place % 10 for place in range(n)]
                self.batches[n] = start_batch(store, writer, "full", labels, 0)
                for place, label in enumerate(labels):
                    strokes = [np.array(stroke, float) for stroke in people[label]]
                    if place >= 10:
                        strokes = [200 * (stroke + 1) for stroke in vary_strokes(strokes, 0.5, rng)]
                    save_drawing(store, (self.batches[n], place), strokes, strokes_to_digit(strokes), 1.0)
        self.jobs = Jobs()

    def close(self):
        self.jobs.close()

    def run(self, settings, n=None):
        """Train on `n` drawings, or on MNIST; return the seconds until the result is there, and the run."""
        batches = (self.batches[n],) if n else ()
        work = experiment.Experiment("Run", settings, self.database_url, batches)
        started = time.perf_counter()
        job = finished(self.jobs, self.jobs.submit(experiment.run, work), 600)
        seconds = time.perf_counter() - started
        if job.error:
            raise RuntimeError(job.error)
        with closing(Store(self.database_url)) as store:
            return seconds, read_run(store, job.result)


def time_to(lab, repeats, multiplications_per_second):
    """What `time_to` of the report holds."""
    result = {}
    for goal, settings in GOALS.items():
        lab.run(settings)
        runs = [lab.run(replace(settings, seed=seed)) for seed in range(repeats)]
        seconds = median(seconds for seconds, _ in runs)
        accuracy = median(run.tests["mnist"].accuracy for _, run in runs)
        # Each weight is used once forward and, but for the first layer, twice backward; there, once.
        first = 392 * settings.hidden_units[0]
        count = settings.epochs * runs[0][1].train.n * (3 * runs[0][1].parameters - first)
        share = count / multiplications_per_second / seconds
        told = f"{seconds:.2f} s, test accuracy {accuracy:.2%}, {share:.0%} of it the matrix products' time"
        print(f"MNIST to {goal:.1%}: {told}")
        result |= {str(goal): round(seconds, 2) if accuracy >= goal else None, "limit_share": round(share, 3)}
    seconds, run = lab.run(presets.PRESETS["Best"])
    print(f"MNIST, preset Best: {seconds:.2f} s, test accuracy {run.tests['mnist'].accuracy:.2%}")
    return result


def record(lab, repeats):
    """What `record` of the report holds: each seed of each preset, beside preset Fast in the same minute."""
    worker = psutil.Process(finished(lab.jobs, lab.jobs.submit(worker_pid)).result)
    result = {}
    for name, goal in RECORDS.items():
        settings = presets.PRESETS[name]
        lab.run(replace(settings, epochs=1)), lab.run(presets.PRESETS["Fast"])
        rows = []
        for seed in range(repeats):
            beside, _ = lab.run(presets.PRESETS["Fast"])
            before = sum(worker.cpu_times()[:2])
            seconds, run = lab.run(replace(settings, seed=seed))
            processor = sum(worker.cpu_times()[:2]) - before
            rows.append((seconds, processor, seconds / beside, run.tests["mnist"].accuracy))
        seconds, processor, ratios, accuracies = map(np.array, zip(*rows, strict=True))
        result[name] = {
            "seconds": spread(seconds, 2),
            "processor_seconds": spread(processor, 2),
            "times_fast": spread(ratios, 2),
            "accuracy": spread(accuracies, 5),
            "accuracies": [round(float(accuracy), 4) for accuracy in accuracies],
        }
        print(
            f"preset {name}: {seconds.mean():.2f} s (sd {seconds.std():.2f}; most {seconds.max():.2f}), processor "
            f"{processor.mean():.1f} s, {ratios.mean():.1f} times preset Fast; test accuracy {accuracies.mean():.2%} "
            f"(sd {accuracies.std():.2%}; least {accuracies.min():.2%}), goal {goal:.1%}, {repeats} seeds",
            flush=True,
        )
    return result


def spread(values, digits):
    return {
        "mean": round(float(values.mean()), digits),
        "sd": round(float(values.std()), digits),
        "least": round(float(values.min()), digits),
        "most": round(float(values.max()), digits),
    }


def retrain(lab, repeats):
    """What `retrain` of the report holds."""
    result = {}
    for n in lab.batches:
        lab.run(presets.defaults(n), n)
        result[str(n)] = round(median(lab.run(presets.defaults(n), n)[0] for _ in range(repeats)), 2)
        print(f"retrain on {n} drawings: {result[str(n)]:.2f} s")
    print(f"the first click, {FIRST_CLICK} s after the start: {first_click(lab):.2f} s on 10 drawings")
    return result


def first_click(lab):
    warm, lab.jobs = lab.jobs, Jobs()
    try:
        for part in range(warm_up.PARTS):
            lab.jobs.submit(warm_up.warm_up, part, gives_way=True)
        time.sleep(FIRST_CLICK)
        return lab.run(presets.defaults(10), 10)[0]
    finally:
        lab.jobs.close()
        lab.jobs = warm


def curve(lab, repeats):
    """What `curve_30` of the report holds."""
    result = {}
    for name, workers in {"one_worker": 1, "two_workers": 2}.items():
        with cluster(lab.folder, workers) as address:
            jobs = Jobs(address)
            seconds = []
            for number in range(1 + repeats):  # the first one warms up
                # A database without points of a curve: what is known is not measured again.
                copy = lab.folder / f"{name}-{number}.db"
                shutil.copy(lab.folder / "digitlab.db", copy)
                work = Curve(f"sqlite:///{copy}", (lab.batches[100],), seeds=SEEDS)
                started = time.perf_counter()
                ids = [jobs.submit(train_size, work, n) for n in SIZES]
                errors = {finished(jobs, job_id, 600).error for job_id in ids}
                seconds.append(time.perf_counter() - started)
                if errors != {None}:
                    raise RuntimeError(errors)
            jobs.close()
        result[name] = round(median(seconds[1:]), 2)
        each = result[name] / len(SIZES) / SEEDS
        print(
            f"{len(SIZES) * SEEDS} small trainings, {name.replace('_', ' ')}: {result[name]:.2f} s, {each:.2f} s each"
        )
    return result


@contextmanager
def cluster(folder, workers):
    """A scheduler and workers as the README tells to start them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    commands = [["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]]
    commands += workers * [["worker", address, "--nthreads", "1", "--no-dashboard"]]
    environment = {**os.environ, **WORKER_ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    with (folder / "cluster.txt").open("w") as log:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "dask", *command], cwd=folder, env=environment, stdout=log, stderr=log
            )
            for command in commands
        ]
        try:
            from distributed import Client

            with Client(address, timeout=30) as client:
                client.wait_for_workers(workers, timeout=60)
            yield address
        finally:
            for end in (subprocess.Popen.terminate, subprocess.Popen.wait):
                for process in reversed(processes):
                    end(process)


def memory(lab):
    """What `memory_mb` of the report holds."""
    pid = finished(lab.jobs, lab.jobs.submit(worker_pid)).result
    after = {}
    for number in range(1, 101):
        units = (LIMITS["hidden_units"][0] * (1 + number % 20),)  # as one moves a slider
        settings = replace(presets.defaults(10), hidden_units=units, epochs=2, seed=number)
        lab.run(settings, 10)
        after[number] = megabytes(pid)
    print(f"worker after 10, 50, 100 trainings: {after[10]}, {after[50]}, {after[100]} MB")
    server = server_memory(lab.folder)
    print(f"server after a visit to all pages: {server or 'not measured'} MB")
    return {"server": server, "worker_after_100": after[100]}


def worker_pid(report, should_stop):
    return os.getpid()


def server_memory(folder):
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    from tests.browser.conftest import FLAGS
    from tests.browser.server import end_server, start_server
    from tests.browser.waiting import pause

    if not shutil.which("chromium"):
        return None
    (folder / "server").mkdir()
    server = start_server("app.py", folder / "server")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page()
        for name in PAGES:
            page.goto(f"{server.url}/{name}")
            pause(page, 500)
        result = megabytes(server.process.pid)
        browser.close()
    end_server(server)
    return result


def megabytes(pid):
    return round(psutil.Process(pid).memory_info().rss / 1e6)
