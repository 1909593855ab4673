"""Published results on MNIST, and our own measurement of each."""

from engines.reproduce.run import reproduce
from engines.reproduce.table import PUBLISHED, Published

__all__ = ["PUBLISHED", "Published", "reproduce"]
