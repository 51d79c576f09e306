"""What the documents name is there, and what is there they name."""

import ast
import re
from pathlib import Path

import pytest

from digitlab import __version__

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
]
ROOMS = [ROOT, ROOT / "digitlab", *(path for path in (ROOT / "digitlab").rglob("*") if path.is_dir())]


def read(name):
    return (ROOT / name).read_text()


def quoted(name):
    """What stands between back-ticks in a document."""
    return re.findall(r"`([^`]+)`", read(name))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_file_that_is_named_is_there(name):
    """By its path from here, or from one of the rooms: `layers/` and `clock.py` do."""
    named = [text for text in quoted(name) if re.fullmatch(r"[\w./-]+(\.(py|js|css|md|txt|toml|json)|/)", text)]
    made = {"data/digitlab.db", "data/cache/", "cert.pem", "key.pem", ".streamlit/secrets.toml"}
    assert [text for text in named if text not in made and not any((room / text).exists() for room in ROOMS)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_link_leads_somewhere(name):
    links = re.findall(r"\]\(([^)#]+)\)", read(name))
    assert [
        link for link in links if not link.startswith("http") and not (ROOT / name).parent.joinpath(link).exists()
    ] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_script_that_is_to_be_run_is_there_and_knows_its_options(name):
    for command in re.findall(r"python (tests/[^\n`]+)", read(name)):
        script, *words = command.split()
        source = read(script)
        for option in (word.strip("[]") for word in words if word.strip("[").startswith("--")):
            assert f'"{option}"' in source, command


def test_each_benchmark_that_can_be_run_is_named_with_its_command():
    scripts = [path.name for path in (ROOT / "tests/benchmarks").glob("*.py") if "__main__" in path.read_text()]
    part_of_another = {"torch_loop.py"}  # training_speed.py runs it in another environment
    named = " ".join(read(name) for name in DOCUMENTS)
    assert [name for name in scripts if f"tests/benchmarks/{name}" not in named] == sorted(part_of_another)


def test_the_readme_names_the_pages_of_the_menu():
    calls = [node for node in ast.walk(ast.parse(read("app.py"))) if isinstance(node, ast.Call)]
    pages = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "Page"]
    titles = [next(word.value.value for word in page.keywords if word.arg == "title") for page in pages]
    rows = read("README.md").split("| page | what happens there |")[1].split("\n\n")[0].splitlines()[2:]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == titles


def test_the_readme_names_each_setting_and_no_other():
    sources = [*(ROOT / "digitlab").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    used = {name for path in sources for name in re.findall(r'"(DIGITLAB_\w+)"', path.read_text())}
    table = read("README.md").split("| environment variable | names |")[1].split("\n\n")[0]
    assert set(re.findall(r"`(DIGITLAB_\w+)`", table)) == used


def test_the_newest_changes_are_those_of_this_version():
    (newest, *_) = re.findall(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)
    assert newest == __version__
