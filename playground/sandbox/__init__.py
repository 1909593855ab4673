"""The convolution sandbox's view."""
