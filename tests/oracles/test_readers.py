"""The JSONL, read by what its users read it with: `datasets`, and chat templates of real models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_flowcorpus import chatml
from pytest_flowcorpus.example import Thought
from tests.oracles.awkward import TEXTS, example_of
from tests.oracles.templates import (
    IN_CHATML,
    QWEN3,
    WITH_ALL,
    WITHOUT_REASONING,
    lost,
    render,
)
from tests.unit.examples import example, excerpt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_flowcorpus.example import Example

    Load = Callable[[Path], Any]
    Messages = list[dict[str, str]]

TEXT = st.text(st.characters(codec="utf-8"))

awkward = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


def said(told: Example) -> Messages:
    """Give the messages that the record of `told` must hold."""
    contents = (told.system, told.request, chatml.answer(told))
    pairs = zip(("system", "user", "assistant"), contents, strict=True)
    return [{"role": role, "content": content} for role, content in pairs]


def read(line: bytes) -> Messages:
    """Give the messages of a line, read by the standard library."""
    messages: Messages = json.loads(line)["messages"]
    return messages


def texts(messages: Messages) -> list[str]:
    """Give system, request, reasoning and code, but for white space at their ends."""
    system, request, answer = (message["content"] for message in messages)
    reasoning, code = answer.removeprefix("<think>\n").split("\n</think>\n\n")
    return [text.strip() for text in (system, request, reasoning, code)]


def in_chatml(messages: Messages) -> str:
    """Give the messages in ChatML, the format in which Qwen's models read them."""
    turns = (f"<|im_start|>{one['role']}\n{one['content']}<|im_end|>\n" for one in messages)
    return "".join(turns)


def shown(name: str, told: Example) -> str:
    """Give what the model of the template `name` is shown of the record of `told`."""
    return render(name, read(chatml.dumps(told)))


def assert_holds(table: Any, datasets: Any, rows: list[Messages]) -> None:
    text = datasets.Value("string")
    message = {"role": text, "content": text}
    expected = datasets.Features({"type": text, "messages": datasets.List(message)})
    assert table.features == expected
    assert table.column_names == ["type", "messages"]
    assert table["type"][:] == ["chatml"] * len(rows)
    assert table["messages"][:] == rows


@awkward
def test_datasets_loads_a_record_as_it_was_written(
    text: str, datasets: Any, load: Load, tmp_path: Path
) -> None:
    told = example_of(text)
    file = tmp_path / "flows.jsonl"
    file.write_bytes(chatml.dumps(told))
    assert_holds(load(file), datasets, [said(told)])


def test_datasets_loads_a_line_a_record(datasets: Any, load: Load, tmp_path: Path) -> None:
    told = [example_of(text) for text in TEXTS.values()]
    file = tmp_path / "flows.jsonl"
    file.write_bytes(b"".join(map(chatml.dumps, told)))
    rows = [said(one) for one in told]
    assert [read(line) for line in file.read_bytes().splitlines()] == rows
    assert_holds(load(file), datasets, rows)


def test_datasets_loads_what_courier_yields(datasets: Any, load: Load, courier: Path) -> None:
    lines = courier.read_bytes().splitlines()
    assert lines
    assert_holds(load(courier), datasets, [read(line) for line in lines])


@pytest.mark.parametrize("name", IN_CHATML)
def test_chatml_models_are_shown_every_character(name: str) -> None:
    for told in map(example_of, TEXTS.values()):
        assert shown(name, told) == in_chatml(said(told))


@given(system=TEXT, request=TEXT, reasoning=TEXT, code=TEXT)
def test_qwen3_is_shown_any_unicode_whole(
    system: str, request: str, reasoning: str, code: str
) -> None:
    assume(not any(tag in text for tag in chatml.THINK for text in (reasoning, code)))
    thoughts = (Thought(reasoning.strip("\n"), ()),)
    files = (excerpt(code=code), excerpt("src/b.rs"))
    told = example(system=system, request=request, thoughts=thoughts, excerpts=files)
    assert shown(QWEN3, told) == in_chatml(said(told))


@awkward
def test_qwen3_parts_reasoning_and_code_where_we_do(text: str) -> None:
    told = example_of(text)
    *before, answer = read(chatml.dumps(told))
    reasoning = f"<think>\n{told.reasoning}\n</think>\n\n"
    assert answer["content"].startswith(f"{reasoning}`src/a.rs`\n")
    files = answer["content"].removeprefix(reasoning)
    apart = {"role": "assistant", "reasoning_content": told.reasoning, "content": files}
    assert render(QWEN3, [*before, apart]) == render(QWEN3, [*before, answer])


@pytest.mark.parametrize("name", WITH_ALL)
def test_models_are_shown_every_text_in_order(name: str) -> None:
    for told in map(example_of, TEXTS.values()):
        assert lost(shown(name, told), texts(said(told))) == []


@pytest.mark.parametrize("name", WITHOUT_REASONING)
def test_models_that_are_shown_no_reasoning_are_shown_the_rest(name: str) -> None:
    for told in map(example_of, TEXTS.values()):
        system, request, reasoning, code = texts(said(told))
        text = shown(name, told)
        assert lost(text, [system, request, code]) == []
        assert reasoning not in text


@pytest.mark.parametrize(("tag", "gone"), [("</think>", "late"), ("<think>", "early")])
def test_a_tag_that_stands_twice_costs_qwen3_words_and_is_refused(tag: str, gone: str) -> None:
    told = example(thoughts=(Thought(f"early {tag} late", ()),))
    assert lost(shown(QWEN3, told), ["early", "late"]) == [gone]
    with pytest.raises(chatml.RecordError, match="exactly once"):
        chatml.loads(chatml.dumps(told))


def test_a_tag_in_the_code_costs_qwen3_the_code_before_it_and_is_refused() -> None:
    told = example(excerpts=(excerpt(code="fn early() {}\n// </think>\nfn late() {}\n"),))
    assert lost(shown(QWEN3, told), ["fn early", "fn late"]) == ["fn early"]
    with pytest.raises(chatml.RecordError, match="exactly once"):
        chatml.loads(chatml.dumps(told))


def test_every_model_is_shown_what_courier_yields(courier: Path) -> None:
    lines = courier.read_bytes().splitlines()
    assert lines
    for line in lines:
        messages = read(line)
        assert render(QWEN3, messages) == in_chatml(messages)
        for name in WITH_ALL:
            assert lost(render(name, messages), texts(messages)) == []
