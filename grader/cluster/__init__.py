"""A class graded on several machines: the workers of a Dask cluster."""
