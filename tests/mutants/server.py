"""A pytest plugin that collects once, and then forks a process for each mutant."""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import time
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings

from tests.mutants import switch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

settings.register_profile(
    "mutants",
    deadline=None,
    max_examples=20,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)

_NARROW = 25
"""Tests that come first: those that call the fewest functions besides."""
_MEMORY = 3 << 30
_SECONDS = 60
"""Of the processor, for one mutant: who takes longer does not end."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mutants")
    group.addoption("--mutants", type=Path)
    group.addoption("--mutants-jobs", type=int, default=1)
    group.addoption("--mutants-seconds", type=float, default=0.0)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Judge the mutants of a JSON file that are not killed yet, and write their verdicts there."""
    file: Path = session.config.getoption("--mutants")
    data = json.loads(file.read_text(encoding="utf-8"))
    mutants = [one for one in data["mutants"] if one["verdict"] not in ("killed", "endless")]
    gc.freeze()
    called = _called(session, file.with_name("called.json"))
    jobs = session.config.getoption("--mutants-jobs")
    most = session.config.getoption("--mutants-seconds")
    running: dict[int, dict[str, str]] = {}
    for mutant in mutants:
        items = _ordered(session.items, called, mutant["function"], most)
        if not items:
            mutant["verdict"] = "untested"
            continue
        if len(running) == jobs:
            _ended(running)
        running[_forked(partial(_judged, session, mutant, items))] = mutant
    while running:
        _ended(running)
    file.write_text(json.dumps(data), encoding="utf-8")
    return True


def _ended(running: dict[int, dict[str, str]]) -> None:
    pid, status = os.wait()
    mutant = running.pop(pid)
    mutant["verdict"] = "endless" if os.WIFSIGNALED(status) else "killed" if status else "survived"
    print(mutant["verdict"], mutant["function"], mutant["name"], flush=True)  # noqa: T201


def _forked(work: Callable[[], int]) -> int:
    """Run in a process of its own, whose output nobody reads; gives its id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        code = work()
    finally:
        os._exit(code)


def _judged(session: pytest.Session, mutant: dict[str, str], items: list[pytest.Item]) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    switch.switch_on(mutant["module"], mutant["name"])
    for item, following in pairwise((*items, None)):
        assert item is not None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return 1
    return 0


def _called(session: pytest.Session, file: Path) -> dict[str, tuple[float, list[str]]]:
    """Give the seconds that each test takes, and the functions that it calls."""

    def work() -> int:
        found = {}
        for item, following in pairwise((*session.items, None)):
            assert item is not None
            switch.hits.clear()
            before = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            found[item.nodeid] = (time.process_time() - before, sorted(switch.hits))
        file.write_text(json.dumps(found), encoding="utf-8")
        return 1 if session.testsfailed else 0

    if not file.exists():
        _, status = os.waitpid(_forked(work), 0)
        if status:
            pytest.exit("the tests fail without a mutant", returncode=1)
    found: dict[str, tuple[float, list[str]]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _ordered(
    items: Iterable[pytest.Item],
    called: dict[str, tuple[float, list[str]]],
    function: str,
    most: float,
) -> list[pytest.Item]:
    """Give the tests that call a function: the narrow ones, then any, as long as time allows."""
    breadth = {node: len(functions) for node, (_, functions) in called.items()}
    found = [one for one in items if one.nodeid in called and function in called[one.nodeid][1]]
    found.sort(key=lambda one: (breadth[one.nodeid], called[one.nodeid][0]))
    narrow, rest = found[:_NARROW], found[_NARROW:]
    random.Random(function).shuffle(rest)
    if not most:
        return narrow + rest
    taken: list[pytest.Item] = []
    spent = 0.0
    for one in narrow + rest:
        seconds = called[one.nodeid][0]
        if not taken or spent + seconds <= most:
            taken.append(one)
            spent += seconds
    return taken
