"""The page that looks inside a network."""
