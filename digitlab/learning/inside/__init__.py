"""Look inside a network: what mattered of a digit, which units fire, what misleads it, what is no digit."""
