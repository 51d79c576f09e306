"""What the server has freed goes back to the system."""

import ctypes
import sys

_MMAP_THRESHOLD = -3  # glibc's number of this setting (malloc.h)
_LARGE = 2**17  # bytes: what it is at first


def give_back() -> None:
    """Have every large array go back to the system once it is freed; a second call changes nothing.

    By itself glibc takes the first one that is freed as a sign to keep so much for the next. Systems without glibc have
    no such setting.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt:
            mallopt(_MMAP_THRESHOLD, _LARGE)
