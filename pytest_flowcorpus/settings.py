"""What a ``flowcorpus.toml`` says, checked key by key."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeGuard, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Number = TypeVar("Number", int, float)

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
    """The bounds that the rules hold an example to; 0 switches a bound off.

    Of a pair either half can be switched off by itself.
    """

    request_words: tuple[int, int] = (40, 200)
    """The least and the most words of a request."""
    reasoning_words: tuple[int, int] = (250, 800)
    """The least and the most words of a reasoning."""
    aspect_words: int = 30
    """The least words of the thoughts that cover an aspect."""
    words_a_span: int = 40
    """For each so many words of reasoning, one grounded code span at least."""
    own_spans: int = 80
    """The least percentage of code spans that stand in the flow's own code."""
    layers: int = 2
    """The least number of layers that a flow runs through, where the corpus declares any."""
    similar: tuple[float, float] = (0.15, 0.3)
    """From which likeness (Jaccard index of word 5-grams) two flows are warned of, and fail."""
    repeated: float = 0.1
    """In more than this share of the reasonings no run of eight words may stand."""
    repeated_from: int = 20
    """With fewer flows than this nothing is said of runs of eight words."""
    item_flows: int = 3
    """In more flows than this, an item that no hop leads to is warned of."""
    max_tokens: int = 8192
    """Tokens of a whole record; this one is always on."""


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
    except RecursionError:
        raise SettingsError("not TOML that can be read: it nests too deep") from None
    except ValueError as error:  # also of bytes that are no UTF-8, and of numbers without end
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

    def whole(self, key: str, default: int, least: int = 0, most: int | None = None) -> int:
        value = self._get(key)
        if value is None:
            return default
        if not _is_whole(value) or value < least or (most is not None and value > most):
            bounds = f"of {least} or more" if most is None else f"from {least} to {most}"
            raise self.error(key, f"has to be a whole number {bounds}")
        return value

    def fraction(self, key: str, default: float) -> float:
        value = self._get(key)
        if value is None:
            return default
        if not _is_fraction(value):
            raise self.error(key, "has to be a fraction from 0 to 1, such as 0.1 for a tenth")
        return value

    def whole_pair(self, key: str, default: tuple[int, int]) -> tuple[int, int]:
        asked = "has to be the least and the most, in whole numbers: [40, 200]"
        return self._pair(key, default, _is_whole, asked)

    def fraction_pair(self, key: str, default: tuple[float, float]) -> tuple[float, float]:
        asked = "has to be two fractions from 0 to 1: [0.15, 0.3]"
        return self._pair(key, default, _is_fraction, asked)

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

    def _pair(
        self,
        key: str,
        default: tuple[Number, Number],
        is_half: Callable[[object], TypeGuard[Number]],
        asked: str,
    ) -> tuple[Number, Number]:
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, list) or [is_half(half) for half in value] != [True, True]:
            raise self.error(key, asked)
        low, high = value
        if high and low > high:
            raise self.error(key, f"has to be in order: {low} is above {high}")
        return low, high

    def _get(self, key: str) -> object:
        self._read.append(key)
        return self._data.get(key)


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_fraction(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= 1  # also false of NaN, which TOML can write


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
    usual = Limits()
    limits = Limits(
        request_words=table.whole_pair("request_words", usual.request_words),
        reasoning_words=table.whole_pair("reasoning_words", usual.reasoning_words),
        aspect_words=table.whole("aspect_words", usual.aspect_words),
        words_a_span=table.whole("words_a_span", usual.words_a_span),
        own_spans=table.whole("own_spans", usual.own_spans, most=100),
        layers=table.whole("layers", usual.layers),
        similar=table.fraction_pair("similar", usual.similar),
        repeated=table.fraction("repeated", usual.repeated),
        repeated_from=table.whole("repeated_from", usual.repeated_from),
        item_flows=table.whole("item_flows", usual.item_flows),
        max_tokens=table.whole("max_tokens", usual.max_tokens, least=1),
    )
    table.finish()
    return limits
