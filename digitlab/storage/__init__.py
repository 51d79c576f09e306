"""What is kept: the database of writers, batches, drawings, sheets, runs, curves. The only place with SQL."""
