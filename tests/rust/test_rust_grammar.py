"""What is asked of the grammar that tree-sitter-rust brings."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust import grammar
from pytest_flowcorpus.rust.grammar import Kind


def test_a_grammar_without_a_name_that_is_needed_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(grammar._NODES, "widget_item", (Kind.FN, "name"))
    with pytest.raises(LookupError, match="this tree-sitter-rust knows no widget_item"):
        grammar.grammar.__wrapped__()
