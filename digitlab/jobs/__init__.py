"""Long work on a Dask worker. Knows nothing of what the work is."""
