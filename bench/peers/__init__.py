"""What the figures are compared with; each in an environment of its own, never a dependency of the playground."""
