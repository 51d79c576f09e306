"""DigitLab: how long does it take to build an MNIST of your own, and how good is a model trained on it?"""

__version__ = "1.0.0"  # the only place; CHANGELOG.md says what is in it
