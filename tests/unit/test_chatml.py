from __future__ import annotations

import json
from dataclasses import replace

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_flowcorpus import chatml
from tests.unit.examples import example, excerpt

TEXT = st.text(st.characters(codec="utf-8"), min_size=1)


def test_a_record_has_exactly_these_keys_and_roles() -> None:
    record = orjson.loads(chatml.dumps(example()))
    assert list(record) == ["type", "messages"]
    assert record["type"] == "chatml"
    assert [list(message) for message in record["messages"]] == [["role", "content"]] * 3
    assert [message["role"] for message in record["messages"]] == ["system", "user", "assistant"]


def test_the_answer_is_reasoning_then_each_file_under_its_path() -> None:
    answer = chatml.answer(replace(example(), thoughts=example().thoughts[:1]))
    reasoning = example().thoughts[0].text
    assert answer == (
        f"<think>\n{reasoning}\n</think>\n\n"
        "`src/a.rs`\n\n```rust\nfn go() {}\n```\n\n"
        "`src/b.rs`\n\n```rust\nstruct B;\n```\n"
    )


def test_a_fence_is_longer_than_any_run_of_backticks_in_the_code() -> None:
    code = "/// ```\n/// `````\nfn go() {}\n"
    assert chatml.fenced(excerpt(code=code)).count("``````") == 2


def test_code_without_a_last_newline_still_gets_its_fence_closed() -> None:
    assert chatml.fenced(excerpt(code="fn go() {}")).endswith("fn go() {}\n```\n")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b'{"type": "chatml"}',
        b'{"type": "chatml", "messages": [], "id": 1}',
        b'{"type": "other", "messages": []}',
    ],
)
def test_what_is_no_record_is_refused(line: bytes) -> None:
    with pytest.raises(chatml.RecordError):
        chatml.loads(line)


@pytest.mark.parametrize(
    "answer",
    [
        "no reasoning",
        "<think>\nonce\n</think>\n</think>\n\n`a`\n\n```rust\n```\n",
        "<think>\nno code\n</think>\n\n",
        "<think>\nopen\n</think>\n\n`a`\n\n```rust\nfn a() {}\n",
        "<think>\nchatter\n</think>\n\nHere it is:\n\n`a`\n\n```rust\n```\n",
        "<think>\nchatter\n</think>\n\n`a`\n\n```rust\n```\nHope this helps!",
    ],
)
def test_an_answer_of_another_layout_is_refused(answer: str) -> None:
    contents = zip(("system", "user", "assistant"), ("s", "u", answer), strict=True)
    messages = [{"role": role, "content": content} for role, content in contents]
    with pytest.raises(chatml.RecordError):
        chatml.loads(orjson.dumps({"type": "chatml", "messages": messages}))


def test_a_lone_surrogate_is_refused_and_not_replaced() -> None:
    with pytest.raises(chatml.RecordError, match="UTF-8"):
        chatml.dumps(example(request="a \ud800 b"))


def test_whatever_ends_a_line_in_python_ends_none_of_the_jsonl() -> None:
    told = example(request="a\\\u2028b\u2029c\x85d\x0b\x0c\x1ce")
    line = chatml.dumps(told)
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line)["messages"][1]["content"] == told.request
    assert chatml.loads(line) == chatml.record_of(told)


def test_a_path_of_two_lines_is_refused() -> None:
    with pytest.raises(chatml.RecordError):
        chatml.loads(chatml.dumps(example(excerpts=(excerpt("a\rb.rs"),))))


@given(system=TEXT, request=TEXT, code=TEXT)
def test_a_record_reads_back_as_what_was_written(system: str, request: str, code: str) -> None:
    told = example(system=system, request=request, excerpts=(excerpt(code=code), excerpt("b.rs")))
    assume(not any(tag in code for tag in chatml.THINK))
    assert chatml.loads(chatml.dumps(told)) == chatml.record_of(told)


PATHS = st.text("ab`/. ", min_size=1).filter(lambda path: path == path.strip() and path.strip("`"))


@given(path=PATHS)
def test_any_path_reads_back(path: str) -> None:
    told = example(excerpts=(excerpt(path),))
    assert chatml.loads(chatml.dumps(told)).files[0][0] == path
