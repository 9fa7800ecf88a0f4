"""Python names for the files and items of a spec that a program begins."""

from __future__ import annotations

import builtins
import keyword
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from pytest_flowcorpus.rust import Address
from pytest_flowcorpus.rust.address import Qualified

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_flowcorpus.target import Target

Named = TypeVar("Named")

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TAKEN: Final = frozenset(("flow", *dir(builtins)))


@dataclass(frozen=True, slots=True)
class Names:
    """The variables of a spec, no two of one name."""

    _files: Mapping[str, str]
    _items: Mapping[Target, str]

    @classmethod
    def of(cls, paths: Sequence[str], targets: Sequence[Target]) -> Names:
        """Name files and items, each by as little of its path as tells it apart."""
        files = _apart({path: _file_words(path) for path in paths})
        items = _apart({one: [*_file_words(one.path), *words(one.address)] for one in targets})
        handles = {path: f"{name}_rs" for path, name in files.items()}
        return cls(handles, {one: _free(name, handles) for one, name in items.items()})

    def file(self, path: str) -> str:
        """Give the variable of a file's handle."""
        return self._files[path]

    def item(self, target: Target) -> str:
        """Give the variable of an item's fragment."""
        return self._items[target]

    def has(self, target: Target) -> bool:
        """Tell whether an item has a variable."""
        return target in self._items


def words(address: str, *, with_traits: bool = True) -> list[str]:
    """Give the words of an address, each in snake case, outermost first.

    Of a trait's impl the trait comes before the type, or is left out: it tells least apart.
    """
    texts: list[str] = []
    for step in Address.parse(address).steps:
        if isinstance(step, Qualified):
            texts += step.trait if with_traits else ()
            texts += step.self_type
        else:
            texts.append(str(step))
    found = (word for text in texts for word in re.findall(r"\w+", text))
    return [word for word in map(_snake, found) if word]


def _snake(name: str) -> str:
    return re.sub(r"_+", "_", _HUMP.sub("_", name)).lower().strip("_")


def _file_words(path: str) -> list[str]:
    parts = path.removesuffix(".rs").removesuffix("/mod").split("/")
    return [_snake(re.sub(r"\W", "_", part)) for part in parts]


def _apart(told: Mapping[Named, Sequence[str]]) -> dict[Named, str]:
    """Give each its last word, and as many before it as it takes to have it for itself."""
    longest = max(map(len, told.values()), default=1)
    found: dict[Named, str] = {}
    for length in range(1, longest + 1):
        names = {one: "_".join(words[-length:]) for one, words in told.items() if one not in found}
        counts = Counter((*names.values(), *found.values()))
        found |= {one: name for one, name in names.items() if counts[name] == 1}
    left = [one for one in told if one not in found]
    found |= {one: f"{'_'.join(told[one])}_{number}" for number, one in enumerate(left, 1)}
    return {one: _sound(name) for one, name in found.items()}


def _sound(name: str) -> str:
    sound = name if name.isidentifier() else f"item_{re.sub(r'[^0-9a-zA-Z_]', '_', name)}"
    return f"{sound}_" if keyword.iskeyword(sound) or sound in _TAKEN else sound


def _free(name: str, handles: Mapping[str, str]) -> str:
    return f"{name}_item" if name in handles.values() else name
