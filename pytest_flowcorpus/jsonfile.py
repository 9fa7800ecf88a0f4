"""A JSON file that a run writes for programs: known again by its keys, replaced whole."""

from __future__ import annotations

import os.path
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from pytest_flowcorpus import disk
from pytest_flowcorpus.output import OutputError, check_folder

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A kind of file: how it is called, and by what it is known."""

    what: str
    """Such as ``a scan``."""
    mark: str
    """The key of the object that says what the file is about, and whether it is ``whole``."""
    keys: tuple[str, ...] = ()
    """The others that it has."""

    def check(self, path: Path) -> None:
        """Raise `OutputError` where nothing can be written to `path`, or something else is there.

        An empty file is nothing.
        """
        if os.path.exists(path) and not self._is_ours(path):  # noqa: PTH110 - it raises nothing
            raise OutputError(f"{path} holds something else than {self.what}; name another file")
        check_folder(path)

    def write(self, path: Path, data: dict[str, Any]) -> None:
        """Replace the file at `path`; raises `OutputError`.

        What was made of a selection of flows never replaces what was made of a whole corpus.
        """
        if not data[self.mark]["whole"] and self._is_of_all(path):
            raise OutputError(
                f"{path} holds {self.what} of a whole corpus, and this is of a selection"
            )
        try:
            disk.replace({path: dumps(data)})
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}") from None

    def _is_of_all(self, path: Path) -> bool:
        about = _loaded(path).get(self.mark)
        return isinstance(about, dict) and bool(about.get("whole"))

    def _is_ours(self, path: Path) -> bool:
        is_empty = path.is_file() and not path.stat().st_size
        data = _loaded(path)
        is_marked = isinstance(data.get(self.mark), dict)
        return is_empty or (is_marked and data.keys() >= {self.mark, *self.keys})


def dumps(data: dict[str, Any]) -> bytes:
    """Give data as JSON for people to read, too."""
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _loaded(path: Path) -> dict[str, Any]:
    try:
        data = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return data if isinstance(data, dict) else {}
