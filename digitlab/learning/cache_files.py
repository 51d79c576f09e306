"""Where a machine keeps what it has worked out for a data set: for itself alone; if lost, it is worked out anew."""

import os
from pathlib import Path

from digitlab.mnist import DATA_DIR


def cache_dir() -> Path:
    """Folder of such files on this machine: `DIGITLAB_CACHE_DIR`, or data/cache of the project."""
    return Path(os.environ.get("DIGITLAB_CACHE_DIR") or DATA_DIR / "cache")
