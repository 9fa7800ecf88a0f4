"""The pytest hooks, in the order of a run; each hands over at once.

Nothing else of ours is imported before a spec is seen or an option of ours is given: most projects
that have the plugin installed have no corpus.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_flowcorpus import options
from pytest_flowcorpus.folders import corpus_folder
from pytest_flowcorpus.stash import FLOWS, ORDER

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from pytest_flowcorpus.flow import Flow
    from pytest_flowcorpus.spec import Spec


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options."""
    options.add(parser.getgroup("flowcorpus", "training examples of whole Rust features"))


def pytest_configure(config: pytest.Config) -> None:
    """Know our mark, check the options, and start where one of them asks for something."""
    config.addinivalue_line("markers", options.RELAX)
    options.check(config)
    if options.is_asked(config):
        _start(config)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect a spec, unless pytest took it itself, as it does with one on the command line."""
    collectors = yield
    if corpus_folder(file_path) and not any(map(_is_spec, collectors)):
        collectors.append(_spec(file_path, parent))
    return collectors


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Spec | None:
    """Have pytest take a spec for one, where it takes the file itself."""
    return _spec(module_path, parent) if corpus_folder(module_path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Have a worker tell where its corpora are, before it tells that it has collected."""
    handoff = getattr(session.config, "workerinput", {}).get("flowcorpus_handoff")
    if handoff and FLOWS in session.stash:
        from pytest_flowcorpus.corpora import tell_folders  # noqa: PLC0415

        specs = session.stash[FLOWS]
        tell_folders(handoff, specs)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Have the sources opened where workers collect: no test runs until this has returned."""
    seen = any("/flow_" in f"/{nodeid.partition('::')[0]}" for nodeid in ids)
    if seen or options.is_asked(node.config):
        _start(node.config).open_for(ids)


@pytest.fixture
def flow(request: pytest.FixtureRequest) -> Flow:
    """Tell one feature of a Rust code base: request, reasoning, and the code it runs through."""
    from pytest_flowcorpus.verdict import begin  # noqa: PLC0415

    return begin(request)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Have a fault of what a flow's own fixtures tell read like any other."""
    if ORDER not in item.stash:
        return (yield)
    from pytest_flowcorpus.verdict import told_plainly  # noqa: PLC0415

    with told_plainly(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Judge a flow once its function has returned."""
    if ORDER not in pyfuncitem.stash:
        return (yield)
    from pytest_flowcorpus.verdict import judged  # noqa: PLC0415

    with judged(pyfuncitem):
        return (yield)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain a failed assert about a fragment; without a flow nothing can be about one."""
    if op not in ("in", "not in") or "pytest_flowcorpus.hops" not in sys.modules:
        return None
    from pytest_flowcorpus.explain import explanation  # noqa: PLC0415

    return explanation(op, left, right)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """Have each report of a flow carry what the controller needs."""
    report = yield
    if ORDER in item.stash:
        from pytest_flowcorpus.verdict import carried, explained, shorten  # noqa: PLC0415

        shorten(item, call, report)
        report.flowcorpus = carried(item, call, explained(item, report))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Have a worker tell what it collected, read and counted; the controller cannot know."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None and FLOWS in session.stash:
        from pytest_flowcorpus.corpora import CORPORA  # noqa: PLC0415
        from pytest_flowcorpus.counts import Counts  # noqa: PLC0415
        from pytest_flowcorpus.run import Roll  # noqa: PLC0415

        output["flowcorpus"] = Roll.of(session).dumps()
        output["flowcorpus_seen"] = session.config.stash[CORPORA].seen()
        output["flowcorpus_tokens"] = Counts.of(session.config).used


def _start(config: pytest.Config) -> Any:
    from pytest_flowcorpus.controller import start  # noqa: PLC0415

    return start(config)


def _is_spec(collector: pytest.Collector) -> bool:
    from pytest_flowcorpus.spec import Spec  # noqa: PLC0415

    return isinstance(collector, Spec)


def _spec(path: Path, parent: pytest.Collector) -> Spec:
    from pytest_flowcorpus.spec import Spec  # noqa: PLC0415

    _start(parent.config)
    return Spec.from_parent(parent, path=path)
