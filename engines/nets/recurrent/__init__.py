"""Recurrent nets and a small transformer for text: cells, the net, writing, looking inside, gradients through time."""
