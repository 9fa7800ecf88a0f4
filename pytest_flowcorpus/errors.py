"""What goes wrong in a spec."""

from __future__ import annotations


class FlowError(Exception):
    """A spec asks for what is not so: a line that says what and where, then what to do."""
