"""Everything the visitor sees. Pages hold no numerics; the engine holds no screen."""
