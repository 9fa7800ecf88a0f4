"""A spec file in pytest: how it is collected, imported, and what its flows are called."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_flowcorpus.corpora import CORPORA
from pytest_flowcorpus.folders import SETTINGS_FILE, corpus_folder
from pytest_flowcorpus.settings import SettingsError
from pytest_flowcorpus.stash import FLOWS, ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from pytest_flowcorpus.corpus import Corpus

PACKAGE: Final = "pytest_flowcorpus_specs"
"""The package that specs are imported into, so that pytest rewrites their asserts."""

_NO_TEXT: Final = "cannot be a name here: set PYTHONUTF8=1 (the locale says ASCII), or rename it"

pytest.register_assert_rewrite(PACKAGE)


class Spec(pytest.Module):
    """A spec file; its own ``flow_*`` functions are the flows."""

    @cached_property
    def corpus(self) -> Corpus:
        """The corpus that it is part of; a faulty ``flowcorpus.toml`` is a collection error."""
        folder = corpus_folder(self.path) or self.path.parent
        try:
            return self.config.stash[CORPORA].corpus(folder)
        except SettingsError as error:
            place = relative(folder / SETTINGS_FILE, self.config)
            raise self.CollectError(f"{place}: {error}") from None

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Give the flows in source order, and note them on the session."""
        self._check_text(str(self.path))
        collected = self.session.stash.setdefault(FLOWS, {})
        collected[self.path] = None  # until it is known which flows it has: it may skip itself
        assert self.corpus  # noqa: S101
        assert self.obj  # noqa: S101
        noted = collected[self.path] = []
        for node in super().collect():
            if isinstance(node, pytest.Item):
                self._check_text(node.name)
                node.stash[ORDER] = len(noted)
                noted.append(node)
            yield node
        self._check_apart(noted)

    def funcnamefilter(self, name: str) -> bool:
        """Take ``flow_*``, whatever ``python_functions`` says."""
        return name.startswith("flow_")

    def classnamefilter(self, name: str) -> bool:  # noqa: ARG002
        """Take no classes."""
        return False

    def istestfunction(self, obj: object, name: str) -> bool:
        """Leave out flows that were imported from another spec."""
        return self._is_own(obj) and super().istestfunction(obj, name)

    def _check_apart(self, flows: list[pytest.Item]) -> None:
        """Raise where two flows would keep their snapshots in one file."""
        if any("callspec" in vars(flow) for flow in flows):
            # Loaded where parameters are: names of functions are apart as they are.
            from pytest_flowcorpus.snapshot import sharing  # noqa: PLC0415

            if names := sharing(flows):
                place = relative(self.path, self.config)
                raise self.CollectError(
                    f"{place}: {' and '.join(names)} would share one snapshot file: "
                    "give their parameters ids of other letters, by pytest.param(…, id=…)"
                )

    def _check_text(self, name: str) -> None:
        """Refuse a name that pytest, or a file, cannot bear where Python takes it for ASCII."""
        try:
            name.encode()
            os.fsencode(name)
        except UnicodeEncodeError:
            place = ascii(relative(self.path, self.config))[1:-1]
            raise self.CollectError(f"{place}: {name!a} {_NO_TEXT}") from None

    def _is_own(self, obj: object) -> bool:
        module = sys.modules.get(getattr(obj, "__module__", ""))
        if module is self.obj:
            return True
        # What a decorator of a conftest made of a flow says that it is from there.
        file = getattr(module, "__file__", None)
        return file is not None and corpus_folder(Path(file)) is None

    def _getobj(self) -> ModuleType:
        return self._imported

    @cached_property
    def _imported(self) -> ModuleType:
        # By path, and not as pytest would: two corpora may have specs of one name.
        try:
            return _import(self.path)
        except SyntaxError as error:
            place = f"{relative(self.path, self.config)}:{error.lineno or 1}"
            raise self.CollectError(f"{place}: {error.msg}") from None


def spec_of(flow: pytest.Item) -> Spec:
    """Give the spec that a flow stands in."""
    spec = flow.getparent(Spec)
    assert spec is not None  # noqa: S101
    return spec


def flow_id(flow: pytest.Item) -> str:
    """Give a flow's node id from the corpus folder, the same from wherever pytest runs."""
    spec = spec_of(flow)
    return f"{spec.path.relative_to(spec.corpus.folder).as_posix()}::{flow.name}"


def flow_key(flow: pytest.Item) -> str:
    """Give what tells a flow from every other of the run, those of another corpus too."""
    return f"{spec_of(flow).path}::{flow.name}"


def title(flow: pytest.Item) -> str:
    """Give the first line of the flow's docstring, or else of the spec's, or else its name."""
    function = flow.obj if isinstance(flow, pytest.Function) else None
    docs = (inspect.getdoc(function), inspect.getdoc(spec_of(flow).obj))
    return next((doc.splitlines()[0] for doc in docs if doc), flow.name)


def relative(path: Path, config: pytest.Config) -> str:
    """Give a path as node ids show it: from the root folder of the run."""
    inside = path.is_relative_to(config.rootpath)
    return path.relative_to(config.rootpath).as_posix() if inside else str(path)


def _import(path: Path) -> ModuleType:
    folder = hashlib.sha256(str(path.parent).encode()).hexdigest()[:8]
    name = f"{PACKAGE}.{folder}.{path.stem}"
    found = (finder.find_spec(name, [str(path.parent)]) for finder in sys.meta_path)
    spec = next((spec for spec in found if spec is not None), None)
    if spec is None:
        raise SyntaxError("a spec is named as a Python module is: letters, digits and _")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None  # noqa: S101
    spec.loader.exec_module(module)
    return module
