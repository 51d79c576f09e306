import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = """
from streamlit import net_util
from streamlit.web import bootstrap
def outside(*_):
    raise AssertionError("the server asks for its address outside")
net_util.get_external_ip = net_util.get_internal_ip = outside
bootstrap.load_config_options({"server.address": "0.0.0.0"})
bootstrap._print_url(False)
"""


def test_no_stroke_pays_for_a_full_garbage_collection():
    """Streamlit's default is to collect after every run of a page, of any visitor: 78 % of the processor of a class."""
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert settings["runner"]["postScriptGC"] is False
    program = "from streamlit.web import bootstrap\nfrom streamlit import config\nbootstrap.load_config_options({})\n"
    program += "print(config.get_option('runner.postScriptGC'))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "False\n", done.stderr


def test_a_server_for_a_class_asks_nobody_outside_for_its_address():
    """Streamlit would ask a service of Amazon and open a socket to 8.8.8.8, to print its addresses."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "http://localhost:8501" in done.stdout
