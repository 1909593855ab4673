"""A forward and a backward pass, rule by rule: every operation with what went in, what came out, and the rule that made it."""
