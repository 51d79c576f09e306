"""The parts of pages on which somebody draws or looks at drawings."""
