"""Small nets that read and write sequences: long-lag tasks, the five shapes of sequences, and a race of two text nets."""
