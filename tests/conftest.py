"""The environment of all tests: none of them touches the project's own database or models."""

import functools
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import app_test, local_script_runner
from xdist.scheduler import LoadScopeScheduling

DIGITLAB = Path(__file__).parents[1] / "digitlab"
MEMORY = Path("/dev/shm")  # of Linux: a folder that is on no disk


def pytest_addoption(parser):
    parser.addoption("--runslow", action="store_true", help="run the whole suite with what only CI needs (marker slow)")


def pytest_configure(config):
    if is_whole_suite(config) and not config.option.runslow:
        config.option.markexpr = config.option.markexpr or "not slow"
    config.pluginmanager.register(_ModulesWithExamples())
    # A container often says that Python shall keep no bytecode: then each process of a run, and each server and worker
    # that a test starts, compiles all that it imports, and rewrites each `assert`, anew: 6 s for those that run tests.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 * 2**30:
        # Where pytest makes its folders. A database waits for the disk at each write; here there is none to wait for.
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    folder = tempfile.TemporaryDirectory(prefix="digitlab-tests-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
    config.add_cleanup(folder.cleanup)
    os.environ["DIGITLAB_DATABASE_URL"] = f"sqlite:///{folder.name}/digitlab.db"
    os.environ["DIGITLAB_MODELS_DIR"] = f"{folder.name}/models"  # of an earlier version: none
    os.environ["DIGITLAB_CACHE_DIR"] = f"{folder.name}/cache"
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = f"{folder.name}/hypothesis"  # not a folder .hypothesis here
    os.environ.pop("DIGITLAB_MNIST_DIR", None)
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")


def is_whole_suite(config):
    """Whether no file, folder or test was named. A part that was named runs with its slow tests, in one process."""
    return config.args_source is config.ArgsSource.TESTPATHS


def pytest_xdist_auto_num_workers(config):
    return 3 if is_whole_suite(config) else 0  # three on two cores, since many tests wait


class _ModulesWithExamples:
    """Leaves out the modules of digitlab/ whose docstrings hold no example.

    Two in three hold none, and pytest would import them all in each of its processes to find that out, TensorFlow with
    them.
    """

    def pytest_ignore_collect(self, collection_path):
        in_digitlab = collection_path.suffix == ".py" and DIGITLAB in collection_path.parents
        return True if in_digitlab and ">>> " not in collection_path.read_text() else None


class _Together(LoadScopeScheduling):
    """Gives tests that share something slow to one process: those of a file, and the browser's in three parts.

    Faults are each for themselves: they wait for servers that start and for people who draw.
    """

    def _split_scope(self, nodeid):
        file, _, name = nodeid.partition("::")
        if file == "tests/test_faults.py":
            return name
        if not file.startswith("tests/browser/"):
            return file
        name = file.removeprefix("tests/browser/test_")
        return "browser, sheets" if name.startswith(("class", "sheet")) else f"browser, {name < 'l'}"


def pytest_xdist_make_scheduler(config, log):
    return _Together(config, log)


@pytest.fixture(scope="session", autouse=True)
def pages_run_as_in_a_server():
    """Spare AppTest what a server does once or never, and what would take most of the time of the pages' tests."""
    with pytest.MonkeyPatch.context() as patch:
        # Each AppTest looks through all installed packages for components, for a second; they stay the same.
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        # After each run of a page Streamlit has Keras clear its session, if it is loaded: in a server it never is.
        patch.setattr(script_runner, "_clean_problem_modules", lambda: None)
        # Each run of an AppTest looks at first for an app without `st.navigation`; a server asks once.
        patch.setattr(PagesManager, "uses_pages_directory", False)
        patch.setattr(app_test, "PagesManager", type("PagesManager", (PagesManager,), {}))
        # Each run of an AppTest compiles the pages anew; a server keeps them.
        compiled = ScriptCache()
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: compiled)
        yield


@pytest.fixture(scope="session", autouse=True)
def new_databases_are_quick():
    """Most tests have a database of their own: the steps of Alembic would take more of the time than they do."""
    from digitlab.storage import opening
    from tests.databases import repeat_upgrade

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "upgrade", repeat_upgrade)
        yield


@pytest.fixture(scope="module")
def few_test_digits():
    """For trainings whose result does not matter: a tenth of MNIST's digits to test on and to validate on."""
    from digitlab import mnist

    load = mnist.load_test
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "load_test", lambda: tuple(array[:1000] for array in load()))
        patch.setattr("digitlab.learning.experiment.VALIDATION_SIZE", 500)
        patch.setattr("digitlab.learning.unlabelled.experiment.VALIDATION_SIZE", 500)
        yield


def pytest_unconfigure() -> None:
    """Jobs that end with this process are logged after pytest has closed what it captured: nothing to complain of."""
    logging.raiseExceptions = False
