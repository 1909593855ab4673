"""Benchmarks: `python -m bench NAME` prints one JSON object a figure, with a ratio to a named peer measured in the same run."""
