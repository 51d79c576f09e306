"""Who may know whom: DESIGN.md section 2, read from the source and tried in fresh interpreters."""

import ast
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = sorted(path for path in (ROOT / "digitlab").glob("*.py") if path.stem != "__init__")
UI = sorted((ROOT / "digitlab" / "ui").glob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))

# Arrows point down only: a module may import those of its own layer (without a cycle) and of the layers before it.
LAYERS = [
    {"digits"},
    {"preprocess", "strokes", "mnist", "clock", "formats", "pad_message", "gates", "pictures", "collection"},
    {"variation"},
    {"schema", "straighten", "directions"},
    {"store", "baseline", "models"},
    {"sheets", "steps", "advice"},
    {"training", "evaluation", "digit_sets"},
    {"training_data"},
    {"learning_curve", "experiment"},
    {"hindsight"},
    {"curve_points", "curve_training", "curve_group", "curve_answer", "what_helps"},
    {"cards", "preview"},
    {"comparison"},
    {"answer"},
]
# These know nothing of the others but what is given here.
APART = {
    "clock": set(),
    "charts": {"digits"},
    "comparison_charts": {"charts"},
    "vega": set(),
    "figures": {"cards", "charts", "comparison", "comparison_charts", "vega"},
    "report": {"answer", "comparison", "digit_sets", "digits", "figures", "mnist", "pictures", "store", "vega"},
    "curve_charts": {"digits"},
    "jobs": {"jobs_cluster"},
    "jobs_cluster": set(),
}
TRAINING_LIBRARIES = {"keras", "tensorflow"}
WORKER_ONLY = {"straighten", "directions", "steps"}  # import Keras at once; others import them inside a function


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def imports(path):
    """Full names of everything a file imports, also inside functions and for type checking."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def libraries(path):
    return {name.split(".")[0] for name in imports(path)}


def core_imports(path):
    """The core modules a file imports, such as `store` or `ui`."""
    modules = {name.split(".")[1] for name in imports(path) if name.startswith("digitlab.")}
    return modules & ({core.stem for core in CORE} | {"ui"})


def fresh_interpreter(program):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_reader_of_imports_sees_all_of_them(tmp_path):
    path = tmp_path / "example.py"
    path.write_text(
        "import numpy as np\nfrom digitlab import store\ndef f():\n    import keras.ops\n    from a.b import c\n"
    )
    assert imports(path) == {"numpy", "digitlab.store", "keras.ops", "a.b.c"}
    assert libraries(path) == {"numpy", "digitlab", "keras", "a"}
    assert core_imports(path) == {"store"}


def test_the_entry_imports_streamlit_alone():
    assert libraries(ROOT / "app.py") == {"streamlit"}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_imports_streamlit_and_digitlab_alone(path):
    assert libraries(path) <= {"streamlit", "digitlab"}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_is_a_script(path):
    """Read top to bottom: a class would be another one after each rerun, a function belongs to the core or to ui."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    assert not [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds)]


@pytest.mark.parametrize("path", UI, ids=name_of)
def test_ui_never_imports_what_trains(path):
    assert not libraries(path) & TRAINING_LIBRARIES


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_imports_neither_streamlit_nor_ui(path):
    assert "streamlit" not in libraries(path)
    assert "streamlit_drawable_canvas" not in libraries(path)
    assert "ui" not in core_imports(path)


@pytest.mark.parametrize("path", [path for path in CORE if path.stem not in WORKER_ONLY], ids=name_of)
def test_each_core_module_alone_in_a_fresh_interpreter(path):
    """Importing it must load neither Streamlit nor TensorFlow: the server imports the core too."""
    loaded = fresh_interpreter(f"import digitlab.{path.stem}, sys; print(*sys.modules)")
    assert f"digitlab.{path.stem}" in loaded
    assert not {"streamlit", *TRAINING_LIBRARIES} & set(loaded)


def test_only_models_training_and_what_is_for_the_worker_import_keras():
    """experiment.warm_up loads TensorFlow on purpose, in the worker, before the first training."""
    users = {path.stem for path in CORE if libraries(path) & TRAINING_LIBRARIES}
    assert users - {"experiment"} == {"models", "training", *WORKER_ONLY}
    assert imports(ROOT / "digitlab" / "experiment.py") & TRAINING_LIBRARIES <= {"tensorflow"}


def test_every_core_module_has_a_layer():
    placed = set.union(*LAYERS) | set(APART)
    assert {path.stem for path in CORE} <= placed, "give the new module its place in LAYERS (DESIGN.md section 2)"


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_arrows_point_down(path):
    allowed = APART.get(path.stem)
    if allowed is None:
        (level,) = [number for number, layer in enumerate(LAYERS) if path.stem in layer]
        allowed = set.union(*LAYERS[: level + 1])
    assert core_imports(path) <= allowed - {path.stem}


def test_there_are_no_cycles():
    order = TopologicalSorter({path.stem: core_imports(path) for path in CORE}).static_order()
    assert "digits" in list(order)


@pytest.mark.parametrize("path", [*CORE, *UI], ids=name_of)
def test_no_lists_dicts_or_sets_that_all_visitors_would_share(path):
    """Module-level mutable variables: constants in capitals are fine, a name assigned by `global` is not."""
    tree = ast.parse(path.read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)]
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Dict | ast.Set):
            assert all(isinstance(target, ast.Name) and target.id.isupper() for target in node.targets)
