"""What a ``flowcorpus.toml`` says, checked key by key."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_FULL_SHA: Final = re.compile(r"[0-9a-fA-F]{40}")


class SettingsError(Exception):
    """A faulty ``flowcorpus.toml``: one line that says which file, which key and what is asked."""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Where the Rust comes from: `git` at `rev`, or the checkout at `path`."""

    git: str | None
    """A url, or a path; one that begins with ``.`` is relative to the corpus folder."""
    rev: str | None
    """The pinned revision: 40 hex digits; only with `git`."""
    path: str | None
    """A checkout on disk, relative to the corpus folder."""
    root: str
    """Where a spec's paths start, from the top of the repository; empty for the top."""
    search: tuple[str, ...]
    """Globs of the files in which names of the prose may live besides `root`."""
    license: tuple[str, ...]
    """The licence files that travel with the code, from the top of the repository."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Where features begin: functions that bear an attribute, and single items."""

    attributes: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that the rules hold an example to."""

    max_tokens: int = 8192
    """Tokens of a whole record."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of a ``flowcorpus.toml``."""

    system: str
    """The system message of every example."""
    source: SourceSettings
    layers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Name and globs of each layer, in the order in which a flow runs through them."""
    entries: Entries = field(default_factory=Entries)
    limits: Limits = field(default_factory=Limits)


def load_settings(path: Path) -> Settings:
    """Read the ``flowcorpus.toml`` at `path`, or raise `SettingsError`."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return _settings(_Table(data, ""))
    except OSError as error:
        raise SettingsError(f"{path.name} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"not TOML: {error}") from None


class _Table:
    """A TOML table that is read key by key, and asked at the end what was left unread."""

    def __init__(self, data: Mapping[str, object], name: str) -> None:
        self._data = data
        self._name = name
        self._read: list[str] = []

    def text(self, key: str) -> str | None:
        value = self._get(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.error(key, "has to be a text that is not empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.error(key, 'has to be a list of texts, such as ["core/**"]')
        return tuple(value)

    def positive(self, key: str, default: int) -> int:
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.error(key, "has to be a whole number above 0")
        return value

    def table(self, key: str) -> _Table:
        value = self._get(key)
        if value is not None and not isinstance(value, dict):
            raise self.error(key, f"has to be a table: [{key}]")
        return _Table(value or {}, f"[{key}] ")

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def finish(self) -> None:
        """Refuse what nobody read: a misspelt key would otherwise be believed to work."""
        for key in self._data:
            if key not in self._read:
                known = difflib.get_close_matches(key, self._read, n=1) or sorted(self._read)
                raise self.error(key, f"is not a setting; did you mean {' or '.join(known)}?")

    def error(self, key: str, problem: str) -> SettingsError:
        return SettingsError(f"{self._name}{key} {problem}")

    def _get(self, key: str) -> object:
        self._read.append(key)
        return self._data.get(key)


def _settings(top: _Table) -> Settings:
    system = top.text("system")
    if system is None:
        raise top.error("system", "is missing: the system message of every example")
    settings = Settings(
        system=system,
        source=_source(top),
        layers=_layers(top.table("layers")),
        entries=_entries(top.table("entries")),
        limits=_limits(top.table("limits")),
    )
    top.finish()
    return settings


def _source(top: _Table) -> SourceSettings:
    table = top.table("source")
    source = SourceSettings(
        git=table.text("git"),
        rev=table.text("rev"),
        path=table.text("path"),
        root=(table.text("root") or "").strip("/"),
        search=table.texts("search"),
        license=table.texts("license"),
    )
    table.finish()
    _check_place(table, source)
    return source


def _check_place(table: _Table, source: SourceSettings) -> None:
    if (source.git is None) == (source.path is None):
        raise table.error(
            "git", "or path has to say where the Rust comes from, and only one of them"
        )
    if source.path is not None and source.rev is not None:
        raise table.error("rev", "goes with git: a checkout on disk is read as it is")
    if source.git is not None and not _FULL_SHA.fullmatch(source.rev or ""):
        raise table.error("rev", f"has to be a full revision of 40 hex digits, not {source.rev!r}")


def _layers(table: _Table) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, table.texts(name)) for name in table)


def _entries(table: _Table) -> Entries:
    entries = Entries(attributes=table.texts("attributes"), items=table.texts("items"))
    table.finish()
    return entries


def _limits(table: _Table) -> Limits:
    limits = Limits(max_tokens=table.positive("max_tokens", Limits().max_tokens))
    table.finish()
    return limits
