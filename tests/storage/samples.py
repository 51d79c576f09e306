"""What the tests of this room store."""

import numpy as np
import pytest

STROKES = [np.array([[1.5, 2.0], [0.1 + 0.2, 1 / 3]]), np.array([[7.0, 8.0, 1234.5678901234567, 0.123456789]])]
DIGIT = np.arange(784, dtype=np.uint8).reshape(28, 28)

# For a test that is about one kind of database alone.
ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("url", [pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True)
