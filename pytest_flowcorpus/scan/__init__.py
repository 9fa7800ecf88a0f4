"""What a corpus does not tell yet: ``--flowcorpus-scan``."""
