"""The parts of pages on which something is trained."""
