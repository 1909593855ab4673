"""Other ways to read digits, on the same data as the nets: the table, and the function that lets one try."""

from engines.rivals.run import Result, run_rival
from engines.rivals.table import RIVALS, Rival

__all__ = ["RIVALS", "Result", "Rival", "run_rival"]
