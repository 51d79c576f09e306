"""The environment of all tests: none of them touches the project's own database or models."""

import os
import tempfile


def pytest_configure(config):
    folder = tempfile.TemporaryDirectory(prefix="digitlab-tests-")
    config.add_cleanup(folder.cleanup)
    os.environ["DIGITLAB_DATABASE_URL"] = f"sqlite:///{folder.name}/digitlab.db"
    os.environ["DIGITLAB_MODELS_DIR"] = f"{folder.name}/models"
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = f"{folder.name}/hypothesis"  # not a folder .hypothesis here
    os.environ.pop("DIGITLAB_MNIST_DIR", None)
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
