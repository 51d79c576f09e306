"""A real Streamlit server with its own home and database."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.browser.drawing import ROOT

# While a server ends, whatever it was at may fail; what is promised of that is tested by its result.
_ENDING = re.compile(r"^ *Stopping\.\.\.$[\s\S]*?(?=^ *You can now view your Streamlit app|\Z)", re.MULTILINE)
# The worker of a server that was killed may find its scheduler gone before it ends itself.
_SCHEDULER_GONE = re.compile(
    r"distributed\.worker - ERROR - Failed to communicate with scheduler during heartbeat\.\n"
    r"(?:(?!distributed\.worker - |Uncaught)[\s\S])*?CommClosedError: .*"
)
# Streamlit says goodbye to a browser that has gone already, and logs its own failure to do so.
_LATE_GOODBYE = re.compile(
    r"Exception in ASGI application\n"
    r"(?:(?!Exception in ASGI application|Uncaught)[\s\S])*?"
    r"Cannot call \"send\" once a close message has been sent\."
)
# The trainings of a learning curve begin by themselves and fail when a module empties the database that they read.
_DRAWINGS_GONE = re.compile(
    r"digitlab\.jobs: Job \w+ failed:\n"
    r"Traceback(?:(?!digitlab\.jobs: |Uncaught)[\s\S])*?(?:no longer there|who was deleted).*"
)


@dataclass
class Server:
    process: subprocess.Popen
    url: str
    folder: Path

    @property
    def database(self):
        return database_in(self.folder)

    def log(self):
        return (self.folder / "log.txt").read_text()


def database_in(folder):
    return f"sqlite:///{folder / 'digitlab.db'}"


def read_only_while(flag):
    """Variables of a server whose database may not be written to while the file `flag` is there."""
    folder = Path(__file__).parent / "read_only"
    return {"DIGITLAB_TEST_READ_ONLY": str(flag), "PYTHONPATH": f"{folder}:{ROOT}"}


def start_server(script, folder, port=None, path="", **variables):
    """Start a script of the project and wait until it answers; a second start in the same folder goes on there.

    With a ``path`` such as "/lab" the app is under it.
    """
    if port is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "global.e2eTest": "true",
        "server.baseUrlPath": path,
    }
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "DIGITLAB_DATABASE_URL": database_in(folder),
        **variables,
    }
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / script)]
    command += [f"--{name}={value}" for name, value in options.items()]
    with (folder / "log.txt").open("a") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    server = Server(process, f"http://127.0.0.1:{port}{path}", folder)
    if not _answers(server):
        process.kill()
        process.wait()
        raise RuntimeError(f"the server did not start:\n{server.log()}")
    return server


def end_server(server):
    """End a server as a user does, by a signal it can answer."""
    time.sleep(0.5)  # a page closed just now says goodbye first, else Streamlit logs a failure of its own
    server.process.terminate()
    try:
        server.process.wait(15)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


def check_log(server, since=0):
    """No script failed since that place in the log, and no library warns of its next version."""
    log = server.log()[since:]
    for expected in (_ENDING, _SCHEDULER_GONE, _LATE_GOODBYE, _DRAWINGS_GONE):
        log = expected.sub("", log)
    unwanted = re.search(r"Traceback|already sets description|deprecat", log, re.IGNORECASE)
    assert not unwanted, f"...{log[max(unwanted.start() - 1000, 0) : unwanted.start() + 4000]}..."


def _answers(server):
    for _ in range(300):
        if server.process.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=1) as answer:
                if answer.read() == b"ok":
                    return True
        except OSError:
            pass
        time.sleep(0.1)
    return False
