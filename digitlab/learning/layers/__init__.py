"""Fixed layers without weights that stand in front of a network."""
