"""The tiny tier: nets on the plane, trained by one compiled program that takes every control as a traced value."""
