"""Fixed layers without weights that stand in front of a network. Imports Keras: only for the worker.

Keras knows those that are imported here, and no others when it loads a model.
"""

from digitlab.learning.layers.directions import Directions
from digitlab.learning.layers.straighten import Straighten

__all__ = ("Directions", "Straighten")
