"""A whole experiment as one file, `.digitlab.zip`: a row a line, the models, and a manifest of what is in."""
