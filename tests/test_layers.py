"""Who may know whom: the rooms of the README's table, read from the source and tried in fresh interpreters."""

import ast
import functools
import itertools
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]

# A row a room, as in the README's table: what it may import of ours besides itself, and which libraries never.
SERVES = {"streamlit", "streamlit_drawable_canvas"}
TRAINS = {"keras", "tensorflow"}
SHOWS = {"numpy", "pandas", "altair", "PIL", "sqlalchemy"}
GROUND = {"digits", "look", "mnist", "orientation", "run", "settings"}
KEEPS = GROUND | {"drawing", "storage"}
LEARNS = KEEPS | {"learning"}
ROOMS = {
    "app.py": (set(), SHOWS | TRAINS),
    "pages": (LEARNS | {"curve", "comparison", "formats", "jobs", "ui"}, SHOWS | TRAINS),
    "ui": (LEARNS | {"curve", "comparison", "formats", "jobs"}, TRAINS | {"sqlalchemy"}),
    "formats": (LEARNS, SERVES | TRAINS | {"sqlalchemy"}),
    "comparison": (LEARNS | {"curve"}, SERVES | TRAINS | {"sqlalchemy"}),
    "curve": (LEARNS, SERVES | TRAINS | {"sqlalchemy"}),
    "learning": (KEEPS, SERVES | {"sqlalchemy"}),
    "storage": (GROUND | {"drawing"}, SERVES | TRAINS),
    "drawing": (GROUND, SERVES | TRAINS | {"sqlalchemy"}),
    "ground": (set(), SERVES | TRAINS | {"sqlalchemy"}),
    "tools": (GROUND | {"drawing"}, SERVES | TRAINS | {"sqlalchemy"}),
    "jobs": (set(), SERVES | TRAINS | {"sqlalchemy"}),
    "commands": (LEARNS | {"curve", "comparison", "formats", "jobs"}, SERVES | TRAINS | {"sqlalchemy"}),
    "__main__.py": (LEARNS | {"curve", "comparison", "commands", "formats", "jobs"}, SERVES | TRAINS | {"sqlalchemy"}),
}
CORE = sorted(path for path in (ROOT / "digitlab").rglob("*.py") if "ui" not in path.parts)
UI = sorted((ROOT / "digitlab" / "ui").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
ALL = [ROOT / "app.py", *PAGES, *CORE, *UI]
LAYERS = ROOT / "digitlab" / "learning" / "layers"


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def module_of(path):
    """What is behind `digitlab.`: `storage.schema`; of a package its own name."""
    return ".".join(path.relative_to(ROOT / "digitlab").with_suffix("").parts).removesuffix(".__init__")


CORE_MODULES = {module_of(path) for path in CORE}
# These import Keras at once and so belong to the worker; all others of `learning` do inside a function.
WORKER_ONLY = {"learning.compiled_steps", *(module_of(path) for path in CORE if path.parent == LAYERS)}


def room_of(path):
    """The row of a file."""
    first = path.relative_to(ROOT).parts
    if first[0] != "digitlab":
        return first[0]
    if first[1] == "__main__.py":
        return first[1]
    return "ground" if len(first) == 2 else first[1]


@functools.cache
def parsed(path):
    return ast.parse(path.read_text())


@functools.cache
def imports(path):
    """Full names of everything a file imports, also inside functions and for type checking."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def libraries(path):
    return {name.split(".")[0] for name in imports(path)}


def rooms_known(path):
    """The rooms a file imports from; the modules of the ground by their names."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("digitlab.")} - {"__version__"}


def modules_known(path):
    """The core modules a file imports, such as `storage.schema`."""
    names = {name.removeprefix("digitlab.") for name in imports(path) if name.startswith("digitlab.")}
    return {name if name in CORE_MODULES else name.rpartition(".")[0] for name in names} & CORE_MODULES


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
        "import numpy as np\nfrom digitlab.storage import schema\nfrom digitlab import mnist\n"
        "def f():\n    import keras.ops\n    from a.b import c\n"
    )
    assert imports(path) == {"numpy", "digitlab.storage.schema", "digitlab.mnist", "keras.ops", "a.b.c"}
    assert libraries(path) == {"numpy", "digitlab", "keras", "a"}
    assert rooms_known(path) == {"storage", "mnist"}
    assert modules_known(path) == {"storage.schema", "mnist"}


def test_every_folder_is_a_room_of_the_table():
    assert {room_of(path) for path in ALL} == set(ROOMS), "give the new folder its row"
    assert {module_of(path) for path in CORE if room_of(path) == "ground"} == GROUND | {"__init__"}


def test_the_readme_shows_the_same_table():
    lines = (ROOT / "README.md").read_text().split("| room | ")[1].splitlines()[2:]
    cells = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in itertools.takewhile(str.strip, lines)]
    rows = [(name.removesuffix("/"), what, may) for name, what, may in cells]
    assert [name for name, _, _ in rows] == list(ROOMS)
    order = ["curve", "learning", "storage", "drawing"]  # "all rooms below" and "ground" say the rest
    for name, _, may in rows:
        if not may.startswith(("all", "nothing")):
            assert [room for room in order if room in ROOMS[name][0]] == may.split(", ")[:-1]


def test_a_room_knows_only_what_its_row_allows():
    for path in ALL:
        room = room_of(path)
        rooms, never = ROOMS[room]
        assert rooms_known(path) <= rooms | (GROUND if room == "ground" else {room}), name_of(path)
        if room != "learning":  # its own rule below
            assert not libraries(path) & never, name_of(path)


def test_a_page_imports_streamlit_and_digitlab_alone():
    assert set.union(*map(libraries, [ROOT / "app.py", *PAGES])) == {"streamlit", "digitlab"}
    assert libraries(ROOT / "app.py") == {"streamlit"}


def test_a_page_is_a_script():
    """Read top to bottom: a class would be another one after each rerun, a function belongs to the core or to ui."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    assert not [node.name for path in PAGES for node in ast.walk(parsed(path)) if isinstance(node, kinds)]


def test_importing_the_core_loads_neither_streamlit_nor_tensorflow():
    """The server imports the core too."""
    modules = [module_of(path) for path in CORE if module_of(path) not in WORKER_ONLY | {"__init__"}]
    loaded = fresh_interpreter(f"import {', '.join(f'digitlab.{name}' for name in modules)}, sys; print(*sys.modules)")
    assert {f"digitlab.{name}" for name in modules} <= set(loaded)
    assert not {"streamlit", "scipy", "sklearn", *TRAINS} & set(loaded)  # SciPy would cost it 58 MB


def test_only_what_builds_and_trains_imports_keras():
    """learning.warm_up loads TensorFlow on purpose, in the worker, before the first training."""
    users = {module_of(path) for path in CORE if libraries(path) & TRAINS}
    assert users - {"learning.warm_up"} == {
        "learning.networks",
        "learning.brought_in.opening",
        "learning.model_files",
        "learning.plain_networks",
        "learning.training",
        *(WORKER_ONLY - {"learning.layers"}),
    }
    assert imports(ROOT / "digitlab" / "learning" / "warm_up.py") & TRAINS <= {"tensorflow"}


def test_keras_knows_each_layer():
    """A model with another one could be saved but, by a process that has not built one, not loaded."""
    modules = {module_of(path) for path in LAYERS.glob("*.py")} - {"learning.layers"}
    assert modules_known(LAYERS / "__init__.py") == modules


def test_there_are_no_cycles():
    order = TopologicalSorter(
        {module_of(path): modules_known(path) - {module_of(path)} for path in CORE}
    ).static_order()
    assert "digits" in list(order)


def test_no_lists_dicts_or_sets_that_all_visitors_would_share():
    """Module-level mutable variables: constants in capitals are fine, a name assigned by `global` is not."""
    for path in (*CORE, *UI):
        tree = parsed(path)
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)], name_of(path)
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Dict | ast.Set):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
                assert len(names) == len(node.targets) and all(map(str.isupper, names)), name_of(path)


def test_a_file_can_be_read_in_one_sitting():
    long = [name_of(path) for path in ALL if len(path.read_text().splitlines()) > 300]
    assert long == [], "which room is missing?"


def test_the_server_loads_nothing_that_it_seldom_needs():
    """Each takes 1 to 34 MB, and most servers never need it, or for a moment alone."""
    modules = ", ".join(f"digitlab.{module_of(path)}" for path in UI)
    loaded = fresh_interpreter(f"import logging; logging.disable(); import {modules}, sys; print(*sys.modules)")
    assert "digitlab.storage.store" in loaded
    assert not {"PIL.ImageDraw", "alembic", "sqlalchemy.dialects.postgresql", "vl_convert", "scipy"} & set(loaded)
