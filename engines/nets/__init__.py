"""Layers and nets of the large tier: digits and text."""
