"""DigitLab: how long does it take to build an MNIST of your own, and how good is a model trained on it?"""

import os

__version__ = "1.0.0"  # the only place; CHANGELOG.md says what is in it

# Arrow reads it while it is loaded. Its own allocator sets aside 3 MB more for the small tables that are shown.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
