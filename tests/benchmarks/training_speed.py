"""How fast training is, beside what else one could take, and from the click to the result.

    python tests/benchmarks/training_speed.py [--json OUT] [--repeats 5] [--torch-python PATH] [--only dense,curve]

dense     784-128-10 on MNIST's 60,000 digits, batch size 128, 5 epochs, Adam, each with its own default step size:
          `learning.training.train` on the app's worker and Keras' `fit`, both with validation after each epoch,
          scikit-learn's MLPClassifier and a plain PyTorch loop, both without; all warm, in turn, the digits already
          loaded
time_to   from the click to the stored result on MNIST that reaches 98 % and 98.5 %, and its share of the time that the
          matrix products alone would take at the rate measured here
record    the presets named by what they read of MNIST's test digits: seconds from the click to the stored result, what
          the worker's processors did of it, and the accuracy, of `--repeats` seeds, each beside preset Fast; warm
retrain   from the click to the stored result on 10, 100 and 1,000 drawings; and the very first click, 5 s after start
curve     thirty small trainings on 10 to 100 drawings, on one worker and on two started by `dask worker`
memory    resident MB: the server after a visit to all pages (with Playwright and Chromium), the worker after 100
          trainings

PyTorch is measured where it can be imported: by this Python, or by that of --torch-python.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import speed_dense, speed_jobs

PARTS = ("dense", "time_to", "record", "retrain", "curve", "memory")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--torch-python", default=sys.executable)
    parser.add_argument("--only", type=lambda text: text.split(","), default=PARTS)
    options = parser.parse_args()
    if not set(options.only) <= set(PARTS):
        parser.error(f"expected parts among {', '.join(PARTS)}")
    report = {}
    with tempfile.TemporaryDirectory() as folder:
        lab = speed_jobs.Lab(Path(folder))
        if "dense" in options.only:
            report["dense_5_epochs"] = speed_dense.compare(lab.jobs, options.repeats, options.torch_python)
        if "time_to" in options.only:
            report["time_to"] = speed_jobs.time_to(lab, options.repeats, speed_dense.multiplications_per_second())
        if "record" in options.only:
            report["record"] = speed_jobs.record(lab, options.repeats)
        if "retrain" in options.only:
            report["retrain"] = speed_jobs.retrain(lab, options.repeats)
        if "curve" in options.only:
            report["curve_30"] = speed_jobs.curve(lab, options.repeats)
        if "memory" in options.only:
            report["memory_mb"] = speed_jobs.memory(lab)
        lab.close()
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
