"""Drawings: their strokes, the digit rendered from them, variation, human seconds, quality checks, pictures."""
