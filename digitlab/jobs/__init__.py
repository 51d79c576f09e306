"""Long work on a Dask worker: the engine knows nothing of what the work is."""
