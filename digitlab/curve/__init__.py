"""Accuracy against work: learning curves, their forecast, and how good earlier forecasts were."""
