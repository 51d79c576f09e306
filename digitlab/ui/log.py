"""What the server writes about its work: numbers of batches, sheets and jobs, never a name or what somebody drew."""

import logging
import sys


def start() -> None:
    """Write what DigitLab logs to the terminal, a line with its time each; a second call adds nothing."""
    logger = logging.getLogger("digitlab")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
