"""Models that come in are opened in a process of their own, bounded in memory: whatever is in them ends there.

As a program (`python -m digitlab.formats.experiment.apart`) it is that process: it is given one model after the other,
a line that says what comes and then its bytes, and answers each by a line: empty, or why the model is none.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import BinaryIO

import msgspec

from digitlab.learning.brought_in.checks import check
from digitlab.learning.evaluation import Predictor
from digitlab.learning.model_files import ModelError
from digitlab.run import BroughtIn
from digitlab.storage.models import Kind

_MOST_MEMORY = 2 * 2**30  # bytes of data
_MOST_SECONDS = 120.0  # for one model, on a busy machine


class _Coming(msgspec.Struct):
    """What is said of a model before its bytes."""

    kind: Kind
    size: int
    brought_in: BroughtIn | None


class Apart:
    """The process, started when the first model comes; to be used in a `with` statement."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Apart":
        """Return it; nothing runs yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            with self._process:  # closes what it was asked by, and waits for its end
                pass

    def open_model(self, content: bytes, kind: Kind, brought_in: BroughtIn | None = None) -> None:
        """Open a file of a model: let a `.tflite` file read a digit, look whether a `.keras` file is made of layers.

        Args:
            content: Of the file.
            kind: keras or tflite.
            brought_in: Of a model that was made elsewhere: how it is asked.

        Raises:
            ModelError: If it is no model of ours, or needs too much memory or time.
        """
        process = self._process = self._process or _start()
        if process.stdin is None or process.stdout is None:
            raise ModelError("Expected a process to ask. Received: one that cannot be asked.")
        too_long = Timer(_MOST_SECONDS, process.kill)
        too_long.start()
        try:
            process.stdin.write(msgspec.json.encode(_Coming(kind, len(content), brought_in)) + b"\n" + content)
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = b""
        finally:
            too_long.cancel()
        if not answer.endswith(b"\n"):
            self._process = None
            process.kill()
            with process:
                pass
            raise ModelError(f"a model that needs more than {_MOST_MEMORY // 2**30} GB of memory, or is damaged.")
        if answer.strip():
            raise ModelError(answer.decode(errors="replace").strip())


def _start() -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-m", __name__]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environment, **pipes)  # type: ignore[call-overload,no-any-return]


def serve(asked: BinaryIO, told: BinaryIO) -> None:
    """Answer until nothing is asked any more."""
    while line := asked.readline():
        coming = msgspec.json.decode(line, type=_Coming)
        content, answer = asked.read(coming.size), ""
        try:
            if coming.kind == "tflite":
                Predictor(content, "in the experiment", coming.brought_in)
            elif check("model.keras", content).kind != coming.kind:
                answer = "a model of another kind."
        except ModelError as error:
            answer = " ".join(str(error).split())
        told.write(answer.encode() + b"\n")
        told.flush()


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))


if __name__ == "__main__":
    _limit_memory()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    serve(sys.stdin.buffer, answers)
