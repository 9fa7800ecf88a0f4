"""The routes of a tree, in the manner of axum and aide: who serves which path."""

from pytest_flowcorpus.rust.routing.routes import Route, Routes

__all__ = ["Route", "Routes"]
