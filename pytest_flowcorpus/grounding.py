"""Code spans in prose against the code: every one is real, enough of them are the flow's own."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.breach import Breach
from pytest_flowcorpus.evidence import Evidence, Ground, last_name, words_of
from pytest_flowcorpus.example import Verdict
from pytest_flowcorpus.rust import Address, Kind
from pytest_flowcorpus.rust.address import KEYWORDS, Block, Call, Name, Qualified
from pytest_flowcorpus.rust.errors import visible
from pytest_flowcorpus.rust.typename import erased
from pytest_flowcorpus.spans import Span, spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_flowcorpus.corpus import OpenCorpus
    from pytest_flowcorpus.draft import Draft
    from pytest_flowcorpus.example import Example, Fragment, Hop
    from pytest_flowcorpus.settings import Limits
    from pytest_flowcorpus.told import Places

RELAXABLE: Final = ("span_density", "own_spans", "spoken_of", "request_identifiers")
"""The rules that one flow can be relaxed from: what is not real stays out of every one."""

_OWN: Final = (Ground.EXCERPT, Ground.HOP)
_LONGEST: Final = 100
_NAMES: Final = 6
_WORD: Final = re.compile(r"\w+")
_PATH: Final = re.compile(r"\w+(?:::\w+)+")


@dataclass(frozen=True, slots=True)
class Text:
    """A request or a thought."""

    text: str
    spans: tuple[tuple[Span, Ground], ...]
    """Each with what it rests on."""


@dataclass(frozen=True, slots=True)
class Prose:
    """All texts of an example, held against the code."""

    example: Example
    limits: Limits
    evidence: Evidence
    places: Places
    imports: Callable[[str], str]
    """Gives all ``use`` declarations of a file, as text."""
    request: Text
    thoughts: tuple[Text, ...]

    @classmethod
    def of(cls, draft: Draft, example: Example, shown: str) -> Prose:
        """Read the texts of an example; `shown` is how its spec is called in a message."""
        opened = draft.opened
        evidence = Evidence(example, opened)
        told = [example.request, *(thought.text for thought in example.thoughts)]
        request, *thoughts = (_read(text, evidence) for text in told)
        places = draft.places(shown)
        limits = opened.corpus.settings.limits
        imports = partial(_imports, opened)
        return cls(example, limits, evidence, places, imports, request, tuple(thoughts))

    @property
    def grounded(self) -> list[tuple[Span, Ground]]:
        """The spans of the reasoning that are real, and say more than `if` or `200`."""
        pairs = chain.from_iterable(text.spans for text in self.thoughts)
        real = (pair for pair in pairs if pair[1] is not Ground.NOWHERE)
        return [
            pair for pair in real if any(word not in KEYWORDS for word in words_of(pair[0].text))
        ]


def breaches(prose: Prose) -> list[Breach]:
    """Give every breach of every rule; an empty list where all is real."""
    rules = (grounding, span_density, own_spans, spoken_of, request_identifiers)
    return [Breach(rule.__name__, visible(problem)) for rule in rules for problem in rule(prose)]


def grounding(prose: Prose) -> Iterator[str]:
    """Every code span and the way of every stated hop is real."""
    for part, text in enumerate((prose.request, *prose.thoughts)):
        for index, (span, ground) in enumerate(text.spans):
            if ground is Ground.NOWHERE:
                place = prose.places.of_span(part, text.text, index)
                yield f"{place}: {_shown(span.text)} {prose.evidence.complaint(span)}"
    yield from _ways(prose)


def span_density(prose: Prose) -> Iterator[str]:
    """The reasoning has a grounded span for every so many words."""
    words, each = len(prose.example.reasoning.split()), prose.limits.words_a_span
    found = len(prose.grounded)
    if each and words > each * found:
        yield (
            f"its reasoning has {found} grounded code spans in {words} words; one for each {each} "
            f"words, or part of them, makes {-(-words // each)} ([limits] words_a_span)"
        )


def own_spans(prose: Prose) -> Iterator[str]:
    """Most spans, tests and files apart, are of the flow's own code or where a hop leads."""
    asked = [pair for pair in prose.grounded if pair[1] in (*_OWN, Ground.SOURCE)]
    strange = [span for span, ground in asked if ground is Ground.SOURCE]
    own = len(asked) - len(strange)
    if own * 100 < prose.limits.own_spans * len(asked):
        most = Counter(span.text for span in strange).most_common(_NAMES)
        yield (
            f"{own} of the {len(asked)} code spans in its reasoning are of its own excerpts or "
            f"where its hops lead; {prose.limits.own_spans} % are the least ([limits] own_spans). "
            f"From elsewhere: {', '.join(_shown(text) for text, _ in most)}"
        )


def spoken_of(prose: Prose) -> Iterator[str]:
    """Every fragment is named in the reasoning, or is an end of a hop."""
    told = (span.text for text in prose.thoughts for span, _ in text.spans)
    said = {word for text in told for word in words_of(text)}
    ends = {end for hop in _proven(prose.example) for end in (hop.caller, hop.callee)}
    for fragment in prose.example.fragments:
        names = _names(fragment)
        if names and said.isdisjoint(names) and str(fragment) not in ends:
            yield (
                f"{fragment} is never spoken of: name {_shown(names[0])} in a code "
                "span of the reasoning, prove a hop from or to it, or leave it out"
            )


def request_identifiers(prose: Prose) -> Iterator[str]:
    """The request names no item of the answer: who asks has not seen the code."""
    text = prose.example.request
    said = dict.fromkeys((*_WORD.findall(text), *_PATH.findall(text)))
    ours = [fragment for fragment in prose.example.fragments if fragment.kind != Kind.USE]
    names = {word for fragment in ours for word in words_of(fragment.address) if _is_coined(word)}
    ends = {last_name(fragment.address) for fragment in ours}
    for name in said:
        if name in names or ("::" in name and name.rpartition("::")[2] in ends):
            yield f"its request says {_shown(name)}, a name of what it extracts: put it in words"


def _imports(opened: OpenCorpus, path: str) -> str:
    rust = opened.file(path).rust
    uses = (item for item in rust.items if item.kind is Kind.USE)
    return "\n".join(rust.code[use.decl : use.end].decode() for use in uses)


def _read(text: str, evidence: Evidence) -> Text:
    return Text(text, tuple((span, evidence.ground(span)) for span in spans(text)))


def _proven(example: Example) -> Iterator[Hop]:
    return (hop for hop in example.hops if hop.verdict is not Verdict.ABSENT)


def _ways(prose: Prose) -> Iterator[str]:
    """Give what is wrong with what stated hops go through."""
    texts = defaultdict(str, {str(one): one.text for one in prose.example.fragments})
    for hop in prose.example.hops:
        if hop.verdict is not Verdict.STATED:
            continue
        imports = prose.imports(hop.caller.partition("::")[0])
        is_real = prose.evidence.is_way(hop.means, texts[hop.caller], imports)
        trait, itself = _known_by(hop.callee)
        is_itself = hop.means in itself and not prose.evidence.is_declared(hop.callee)
        if (is_real or hop.means in trait) and not is_itself:
            continue
        why = "is the callee itself: name the trait, method or variant that leads there"
        if not is_itself:
            why = prose.evidence.complaint(Span(hop.means))
            if hop.means.isidentifier():  # it can stand in the excerpts all the same
                why = "is a single name: give a path, such as `Type::method` or `module::Type`"
        place = prose.places.of_literal(hop.means)
        yield f"{place}: a hop goes through {_shown(hop.means)}, which {why}"


def _known_by(callee: str) -> tuple[list[str], list[str]]:
    """Give the trait whose member a callee is, alone and with its name; and its type's path."""
    *outer, last = Address.parse(callee.partition(".rs::")[2]).steps
    if not outer or not isinstance(last, Name):
        return [], []
    owner = outer[-1]
    if not isinstance(owner, Qualified):
        return [], [f"{owner}::{last}"]
    trait, own = erased(owner.trait), erased(owner.self_type)
    return [*trait, *(f"{name}::{last}" for name in trait)], [f"{name}::{last}" for name in own]


def _names(fragment: Fragment) -> list[str]:
    """Give the names of which one has to be said; none where none can be."""
    if fragment.kind == Kind.USE:
        return []
    last = Address.parse(fragment.address).steps[-1]
    if isinstance(last, Name):
        return [last.name]
    spelling = last.self_type if isinstance(last, Block) else ()
    spelling = last.arguments if isinstance(last, Call) else spelling
    return words_of(" ".join(spelling))


def _is_coined(word: str) -> bool:
    """Tell whether a word is no word of a language, but a name that somebody made."""
    has_inner = any(map(str.isupper, word[1:])) and any(map(str.islower, word))
    return "_" in word or has_inner


def _shown(text: str) -> str:
    """Give a span as a message quotes it: not all of a long one."""
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"`` {short} ``" if "`" in short else f"`{short}`"
