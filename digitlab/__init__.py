"""DigitLab: how long does it take to build an MNIST of your own, and how good is a model trained on it?"""
