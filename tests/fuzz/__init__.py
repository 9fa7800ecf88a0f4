"""Inputs that nobody wrote, by the hundred thousand: `python -m tests.fuzz`."""
