"""Files of NumPy arrays (`.npz`): what reading a damaged one raises, and keeping what can be worked out anew."""

import logging
import tempfile
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

# A file that is missing, cut off, no archive, without an array, or with a wrong byte: in what was packed (zlib.error),
# where the zip says how it was packed (RuntimeError), where an array says its shape (TokenError).
DAMAGE = (
    *(OSError, ValueError, KeyError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError),
)
_log = logging.getLogger("digitlab.learning")


def keep(path: Path, **arrays: npt.NDArray[Any]) -> None:
    """Keep arrays in a file, as a whole or not at all: another worker may read or write the same file meanwhile.

    Where that cannot be, such as in a folder that is read-only, the log tells it: nothing is lost but time.

    Args:
        path: Of the file; its folder is made if missing.
        arrays: By their names in the file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            whole = Path(folder) / path.name
            np.savez_compressed(whole, allow_pickle=False, **arrays)
            whole.replace(path)
    except OSError as error:
        _log.warning("%s is not kept: %s.", path, error)
