"""Descents on surfaces: what one can walk on, where it is level, and how optimizers race down it."""
