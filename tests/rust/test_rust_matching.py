"""Which names stand in patterns."""

from __future__ import annotations

import pytest

from pytest_flowcorpus.rust import RustFile


def matched(body: str) -> frozenset[str]:
    file = RustFile(f"fn f() {{ {body} }}".encode())
    return file.matched(file.items[0])


@pytest.mark.parametrize(
    "body",
    [
        "match x { Task::Mail(n) => n, _ => 0 }",
        "match x { Task::Mail(Some(n)) => n, _ => 0 }",
        "match x { Task::Mail(n) if n > 1 => n, _ => 0 }",
        "match x { (Task::Mail(n), 1) => n, _ => 0 }",
        "match x { Some(Task::Mail { n }) => n, _ => 0 }",
        "match x { A::B | Task::Mail => 1, _ => 0 }",
        "match x { Task::Mail(n) /* sent */ => n, _ => 0 }",
        "match x { Mail => 1, _ => 0 }",
        "if let Some(Task::Mail(n)) = x { n }",
        "while let Task::Mail(n) = x() { n }",
        "let Task::Mail(n) = x else { return };",
        "matches!(x, Task::Mail(_))",
        "go(|| match x { Task::Mail(n) => n, _ => 0 })",
    ],
)
def test_what_is_matched_on_stands_in_a_pattern(body: str) -> None:
    assert "Mail" in matched(body)


@pytest.mark.parametrize(
    "body",
    [
        "x == Task::Mail(1) || y",
        "push(Task::Mail(1));",
        "let n = Task::Mail(1);",
        "match Task::Mail(1) { n => n }",
        "match x { n => Task::Mail(n) }",
        "match x { n if n == Task::Mail(1) => n, _ => 0 }",
        "// Mail => x\n1",
        '"Mail => x"',
        "if let Some(n) = Task::Mail(1) { n }",
        "matches!(Task::Mail(1), Some(_))",
        "println!(x, Task::Mail(1))",
        "matches!(Task::Mail(1))",
        "matches!(x, Some(_)); push(Task::Mail(1));",
        "} fn g() { match x { Task::Mail(n) => n, _ => 0 }",
    ],
)
def test_what_is_made_or_compared_does_not(body: str) -> None:
    assert "Mail" not in matched(body)


def test_patterns_before_and_behind_a_macro_count() -> None:
    body = "if let A::Before = x {} matches!(x, A::Inside); if let A::Behind = x {}"
    assert {"Before", "Inside", "Behind"} <= matched(body)


def test_patterns_may_be_deep() -> None:
    depth = 3_000
    assert "Mail" in matched("match x {" + "Some(" * depth + "Task::Mail" + ")" * depth + " => 1}")
