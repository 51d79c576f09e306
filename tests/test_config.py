import subprocess
import sys
from pathlib import Path

PROGRAM = """
from streamlit import net_util
from streamlit.web import bootstrap
def outside(*_):
    raise AssertionError("the server asks for its address outside")
net_util.get_external_ip = net_util.get_internal_ip = outside
bootstrap.load_config_options({"server.address": "0.0.0.0"})
bootstrap._print_url(False)
"""


def test_a_server_for_a_class_asks_nobody_outside_for_its_address():
    """Streamlit would ask a service of Amazon and open a socket to 8.8.8.8, to print its addresses."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "http://localhost:8501" in done.stdout
