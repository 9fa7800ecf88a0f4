"""Examples made by hand, for the rooms that only need the data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_flowcorpus.example import ASPECTS, Example, Excerpt, Fragment, Question, Thought
from pytest_flowcorpus.rust import Fingerprint
from pytest_flowcorpus.settings import Limits, Settings, SourceSettings

WORDS = "one word after another until thirty of them stand here " * 3


def settings(
    declared: tuple[tuple[str, tuple[str, ...]], ...] = (), root: str = "", **limits: Any
) -> Settings:
    """Give settings that let short texts pass, with what is `declared` of layers and `limits`."""
    source = SourceSettings("https://example.org/x", "a" * 40, None, root, (), ())
    short = {"request_words": (1, 200), "reasoning_words": (1, 800)}
    return Settings("You maintain it.", source, declared, limits=Limits(**short | limits))


def fragment(path: str = "src/a.rs", address: str = "go", **changes: Any) -> Fragment:
    text = f"fn {address}() {{}}"
    prints = Fingerprint(*(f"{name} of {text}" for name in "tcasb"))
    return replace(Fragment(path, address, "fn", (1, 1), text, prints), **changes)


def excerpt(path: str = "src/a.rs", code: str = "fn go() {}\n") -> Excerpt:
    return Excerpt(path, code, ((1, 1),), "b" * 40, ("SPDX-License-Identifier: MIT",))


def example(**changes: Any) -> Example:
    """Give an example that breaks no rule of `settings`, but for what `changes` say."""
    asked = (Question("src/a.rs::go", "fn", found=True),)
    whole = Example(
        spec="flow_go.py::flow_go",
        title="Going",
        system="You maintain it.",
        request="Please make it go.",
        thoughts=tuple(Thought(WORDS, (aspect,), asked) for aspect in ASPECTS),
        excerpts=(excerpt(), excerpt("src/b.rs", "struct B;\n")),
        fragments=(fragment(), fragment("src/b.rs", "B", kind="struct", text="struct B;")),
    )
    return replace(whole, **changes)
