"""The spec of a new flow, but for its prose: ``--flowcorpus-new``."""
