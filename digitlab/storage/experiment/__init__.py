"""A whole experiment on its way out of the database or into it: people, drawings, sheets, runs, curves."""
