"""Drift, held against rustc and git over all of upstream's history."""
