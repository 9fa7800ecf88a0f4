"""Python names for the files and items of a spec that a program begins."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, Final, TypeVar

from pytest_flowcorpus.rust import Address
from pytest_flowcorpus.rust.address import Qualified

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_flowcorpus.target import Target

Named = TypeVar("Named")

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PLAIN: Final = frozenset(
    (
        *("default", "delete", "deserialize", "from", "from_request", "from_request_parts", "get"),
        *("insert", "into_response", "model", "new", "set", "try_from", "update", "validate"),
    )
)
"""Names that say nothing without what they are of."""
_TAKEN: Final = frozenset(
    (
        *("flow", "all", "any", "bytes", "dict", "filter", "format", "hash", "id", "input", "iter"),
        *(
            "len",
            "list",
            "map",
            "max",
            "min",
            "next",
            "object",
            "open",
            "print",
            "property",
            "range",
        ),
        *("set", "sorted", "str", "sum", "type", "vars"),
    )
)
"""What a variable had better not hide; not all builtins, since those differ by version."""


@dataclass(frozen=True, slots=True)
class Names:
    """The variables of a spec, no two of one name."""

    _files: Mapping[str, str]
    _items: Mapping[Target, str]

    @classmethod
    def of(cls, paths: Sequence[str], targets: Sequence[Target]) -> Names:
        """Name files and items, each by as little of its path as tells it apart."""
        taken = {*_TAKEN}
        files = _apart({path: file_words(path) for path in paths})
        items = _apart({one: [*file_words(one.path), *_item_words(one)] for one in targets})
        handles = _free({path: f"{name}_rs" for path, name in files.items()}, taken)
        return cls(handles, _free(items, taken))

    def file(self, path: str) -> str:
        """Give the variable of a file's handle."""
        return self._files[path]

    def item(self, target: Target) -> str:
        """Give the variable of an item's fragment."""
        return self._items[target]

    def has(self, target: Target) -> bool:
        """Tell whether an item has a variable."""
        return target in self._items


def _item_words(target: Target) -> list[str]:
    """Give the words of an item; a name that many have is no word without the one before it."""
    found = words(target.address)
    return [*found[:-2], "_".join(found[-2:])] if found[-1:] and found[-1] in _PLAIN else found


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
    found = (word for text in texts for word in re.findall(r"(?:r#)?(\w+)", text))
    return [word for word in map(_snake, found) if word]


def _snake(name: str) -> str:
    snake = re.sub(r"_+", "_", _HUMP.sub("_", name)).lower().strip("_")
    return unicodedata.normalize("NFKC", snake)  # as Python compares names


def file_words(path: str) -> list[str]:
    """Give the words of a file's path, each a folder or the file, in snake case."""
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
    return found | {one: "_".join(words) for one, words in told.items() if one not in found}


def _free(named: Mapping[Named, str], taken: set[str]) -> dict[Named, str]:
    """Give names as identifiers, with a number where they are `taken`; then they are."""
    found: dict[Named, str] = {}
    for one, name in named.items():
        numbered = (f"{_sound(name)}_{number}" for number in count(2))
        found[one] = next(free for free in chain([_sound(name)], numbered) if free not in taken)
        taken.add(found[one])
    return found


def _sound(name: str) -> str:
    sound = name if name.isidentifier() else f"item_{re.sub(r'[^0-9a-zA-Z_]', '_', name)}"
    return f"{sound}_" if keyword.iskeyword(sound) or sound in _TAKEN else sound
