"""What a hand may draw, for property tests: hypothesis chooses, and makes it smaller where a property fails."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

# The same examples each time: a test fails because of a change, never by chance.
same_examples = settings(derandomize=True, deadline=None, database=None, max_examples=25)

_places = st.integers(0, 280)
_strokes = st.lists(st.tuples(_places, _places), min_size=1, max_size=8).map(lambda points: np.array(points, float))
drawings = st.lists(_strokes, min_size=1, max_size=4).filter(lambda strokes: np.ptp(np.concatenate(strokes), 0).any())
inks = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    elements=st.one_of(st.just(0), st.integers(100, 255)),
    fill=st.just(0),
).filter(np.any)
