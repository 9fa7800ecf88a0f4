"""The pytest hooks, in the order of a run; each hands over at once.

What a project without a corpus never needs is imported where it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_flowcorpus import options
from pytest_flowcorpus.corpora import CORPORA
from pytest_flowcorpus.corpus import corpus_folder
from pytest_flowcorpus.run import Roll, carried
from pytest_flowcorpus.spec import PACKAGE, Spec, spec_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from pytest_flowcorpus.flow import Flow

pytest.register_assert_rewrite(PACKAGE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options."""
    options.add(parser.getgroup("flowcorpus", "training examples of whole Rust features"))


def pytest_configure(config: pytest.Config) -> None:
    """Check the options; the process that is no worker gathers and writes."""
    options.check(config)
    config.stash[CORPORA] = options.corpora(config)
    if not hasattr(config, "workerinput"):
        from pytest_flowcorpus.controller import Controller  # noqa: PLC0415

        config.pluginmanager.register(Controller(config), "flowcorpus-controller")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect a spec, unless pytest took it itself, as it does with one on the command line."""
    collectors = yield
    is_taken = any(isinstance(collector, Spec) for collector in collectors)
    if not is_taken and corpus_folder(file_path):
        collectors.append(Spec.from_parent(parent, path=file_path))
    return collectors


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Spec | None:
    """Have pytest take a spec for one, where it takes the file itself."""
    return Spec.from_parent(parent, path=module_path) if corpus_folder(module_path) else None


@pytest.fixture
def flow(request: pytest.FixtureRequest) -> Flow:
    """Tell one feature of a Rust code base: request, reasoning, and the code it runs through."""
    from pytest_flowcorpus.verdict import begin  # noqa: PLC0415

    return begin(request)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Judge a flow once its function has returned."""
    if (spec := spec_of(pyfuncitem)) is None:
        return (yield)
    from pytest_flowcorpus.verdict import judged  # noqa: PLC0415

    with judged(pyfuncitem, spec):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """Have each report of a flow carry what the controller needs."""
    report = yield
    if spec_of(item) is not None:
        from pytest_flowcorpus.verdict import outcome  # noqa: PLC0415

        report.flowcorpus = carried(item, outcome(item) if call.when == "call" else {})
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Have a worker tell which flows it collected; the controller cannot know."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["flowcorpus"] = Roll.of(session).dumps()
        session.config.stash[CORPORA].close()
