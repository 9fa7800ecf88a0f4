"""What a spec sees of calls and mentions: whom a fragment calls, what it names, at which line.

``in`` is an answer that holds: the code leads there, or it does not. Where syntax cannot tell
there is no answer, in neither polarity, and `Sites.named` makes the weaker claim openly.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final

from pytest_flowcorpus.errors import FlowError
from pytest_flowcorpus.example import Hop, Verdict
from pytest_flowcorpus.rust import Certainty, Kind
from pytest_flowcorpus.rust.errors import visible
from pytest_flowcorpus.rust.tokens import tokens
from pytest_flowcorpus.target import Target, bare_name, target_at, what_to_write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_flowcorpus.draft import Draft
    from pytest_flowcorpus.rust import Codebase, Place

_CALLING: Final = frozenset((Kind.FN, Kind.CONST, Kind.STATIC, Kind.IMPL, Kind.TRAIT, Kind.MOD))
_NAMELESS: Final = frozenset((Kind.IMPL, Kind.USE, Kind.EXTERN, Kind.EXTERN_CRATE))


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a fragment where something is called or named."""

    name: str
    """As it stands there; of a path its last segment."""
    line: int
    """Where the name stands in the file, counted from 1."""
    certainty: Certainty
    item: Place | None = None
    """What it is, where that is resolved."""
    trait: Place | None = None
    """What its trait declares, where the item is a member of a trait's impl."""
    receiver: str = ""
    """Of a method: what it is called on, with its type."""
    address: str = ""
    """Of what is resolved the address, as a spec writes it: ``core/x.rs::f``."""

    @property
    def meaning(self) -> str:
        """What it leads to, by its address, or in words where that is no item."""
        is_foreign = self.certainty is Certainty.FOREIGN
        return self.address or ("of another crate" if is_foreign else "not decided by syntax")

    def __str__(self) -> str:
        name = "" if self.address else f"`{self.name}`, "
        return visible(f"{name}{self.meaning}, line {self.line}")

    def __repr__(self) -> str:
        return f"<{self}>"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of an item that a fragment was asked about, and the first site that says it."""

    verdict: Verdict
    site: Site | None = None


@dataclass(frozen=True, eq=False)
class ItemHandle:
    """An item that a spec has got hold of, and can ask what it calls and names."""

    target: Target
    _draft: Draft = field(repr=False)

    @cached_property
    def calls(self) -> Calls:
        """What it calls: ``assert callee in fragment.calls``.

        Raises `FlowError` for an item that has no code to call anything from.
        """
        return Calls(self.target, self._draft)

    @cached_property
    def mentions(self) -> Mentions:
        """What it names (types, variants, constants, macros, functions): ``in`` as for calls."""
        return Mentions(self.target, self._draft)

    def __str__(self) -> str:
        return str(self.target)


class Sites(ABC):
    """The places where a fragment calls or names something, in source order.

    ``in`` takes a fragment or an address with its file, such as ``"core/x.rs::Type::member"``.
    It raises `FlowError` for anything else, and where syntax leaves it open.
    """

    means: ClassVar[str]
    """How a sentence says that the fragment does it."""
    denied: ClassVar[str]
    """How it says that it does not."""
    done: ClassVar[str]
    """How it says that it is done to the other."""

    def __init__(self, caller: Target, draft: Draft) -> None:
        self.caller = caller
        self._draft = draft
        self._check_held(caller)

    @abstractmethod
    def _read(self, codebase: Codebase) -> tuple[Site, ...]:
        """Give the sites, in source order."""

    @abstractmethod
    def _refuse(self, target: Target) -> None:
        """Raise `FlowError` for an item that no code could call or name."""

    def written(self, item: Target | Place) -> str:
        """Give the address of an item as a spec writes it."""
        return f"{self._draft.opened.corpus.spec_path(item.path)}::{item.address}"

    @cached_property
    def _all(self) -> tuple[Site, ...]:
        sites = self._read(self._draft.opened.codebase)
        return tuple(
            replace(site, address=self.written(site.item)) if site.item else site for site in sites
        )

    def __iter__(self) -> Iterator[Site]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, item: object) -> bool:
        target = self.target(item)
        answer = self.answer(target)
        if answer.verdict is Verdict.NAMED and answer.site is not None:
            raise FlowError(visible(self._open(target, answer.site)))
        self._note(str(target), answer)
        return answer.verdict is Verdict.RESOLVED

    def named(self, item: ItemHandle | str) -> Named:
        """Make the weaker claim: something of that name is called or named here.

        `item` is a fragment, an address with its file, or a bare name. What is known to be another
        item of that name does not count for a fragment or an address; for a bare name all does.
        """
        name = bare_name(item) if isinstance(item, str) else ""
        target = None if name else self.target(item)
        answer = self.answer(target) if target else self._by_name(name)
        if name and answer.site is None and not self._exists(name):
            raise FlowError(visible(f"nothing in the source is called `{name}`"))
        self._note(str(target or name), answer)
        return Named(self, answer, target.name if target else name)

    def _exists(self, name: str) -> bool:
        """Tell whether a name stands anywhere: that what is nowhere is not called says nothing."""
        return self._draft.opened.search.code(list(tokens(name.encode()))) is not None

    def target(self, item: object) -> Target:
        """Give the item that a spec means; raises `FlowError`, which says what to write."""
        target = _meant(item, self._draft)
        self._check_held(target)
        self._refuse(target)
        return target

    def answer(self, target: Target) -> Answer:
        """Give what is known of an item, without noting that somebody asked."""
        for site in self:
            if leads_to(site, target):
                return Answer(Verdict.RESOLVED, site)
        for site in self.alike(target.name):
            if site.certainty is Certainty.UNDECIDED or target.could_run_for(site.item):
                return Answer(Verdict.NAMED, site)
        return Answer(Verdict.ABSENT)

    def alike(self, name: str) -> list[Site]:
        """Give the sites at which that name stands, whatever it leads to."""
        return [site for site in self if site.name == name]

    def turned(self, target: Target) -> Answer:
        """Give what is known of the same question with its ends swapped."""
        try:
            return type(self)(target, self._draft).answer(self.caller)
        except FlowError:
            return Answer(Verdict.ABSENT)

    def told(self, site: Site) -> str:
        """Say of a site what is done there, at which line, on what."""
        receiver = f" on {site.receiver}" if site.receiver else ""
        return f"`{site.name}` is {self.done} at line {site.line}{receiver}"

    def _check_held(self, target: Target) -> None:
        if not self._draft.opened.rust_files.holds(target.path):
            raise FlowError(
                f"{target} lies outside of `root` and `search`, where nothing is known of calls "
                f'and names: add "{target.path}" to `search` in flowcorpus.toml'
            )

    def _by_name(self, name: str) -> Answer:
        alike = self.alike(name)
        return Answer(Verdict.NAMED, alike[0]) if alike else Answer(Verdict.ABSENT)

    def _note(self, callee: str, answer: Answer) -> None:
        line = answer.site.line if answer.site else None
        hop = Hop(str(self.caller), callee, self.means, answer.verdict, line)
        self._draft.add_question(hop)

    def _open(self, target: Target, site: Site) -> str:
        dispatched = f", as {site.address}, whose impl syntax does not tell" if site.item else ""
        return (
            f"in {self.written(self.caller)} {self.told(site)}{dispatched}: "
            f"this neither proves nor rules out {self.written(target)}; "
            f"claim no more than the name, by `fragment.{self.means}.named(…)`, or leave it out"
        )

    def __repr__(self) -> str:
        return f"<{self.means} of {self.caller}: {len(self)}>"


class Calls(Sites):
    """What a fragment calls; a function that is named as a value counts as called."""

    means = "calls"
    denied = "does not call"
    done = "called"

    def __init__(self, caller: Target, draft: Draft) -> None:
        if not _can_call(caller):
            problem = f"{caller} ({caller.kind}) has no code that could call anything"
            raise FlowError(visible(f"{problem}: ask its `mentions`"))
        super().__init__(caller, draft)

    def _read(self, codebase: Codebase) -> tuple[Site, ...]:
        calls = codebase.calls(self.caller.path, self.caller.found)
        return tuple(
            Site(call.name, call.line, call.certainty, call.callee, call.trait, call.receiver)
            for call in calls
        )

    def _refuse(self, target: Target) -> None:
        if target.kind is not Kind.FN:
            problem = f"{target} ({target.kind}) is no function: nothing calls it"
            raise FlowError(visible(f"{problem}; ask `mentions` whether it is named"))


class Mentions(Sites):
    """What a fragment names: the items its paths lead to, and the functions it calls."""

    means = "mentions"
    denied = "does not mention"
    done = "named"

    def _read(self, codebase: Codebase) -> tuple[Site, ...]:
        mentions = codebase.mentions(self.caller.path, self.caller.found)
        return tuple(Site(one.name, one.line, one.certainty, one.item) for one in mentions)

    def _refuse(self, target: Target) -> None:
        if target.kind in _NAMELESS:
            problem = f"{target} has no name that code could mention"
            raise FlowError(visible(f"{problem}: name a type, a trait or a member"))


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Whether something of a name is called or named: true or false, and why when it is shown."""

    sites: Sites
    answer: Answer
    name: str

    def __bool__(self) -> bool:
        return self.answer.verdict is not Verdict.ABSENT

    def __repr__(self) -> str:
        caller = self.sites.caller.address
        if self.answer.site is not None:
            return visible(f"<in {caller} {self.sites.told(self.answer.site)}>")
        others = self.sites.alike(self.name)
        near = "".join(f"; {self.sites.told(site)}: that is {site.meaning}" for site in others)
        return visible(f"<{caller} {self.sites.denied} anything that could be `{self.name}`{near}>")


def state(caller: ItemHandle, callee: ItemHandle | str, via: str, draft: Draft) -> None:
    """Note a hop that no line of the code says; raises `FlowError` where one does."""
    target = _meant(callee, draft)
    if str(target) == str(caller):
        raise FlowError(visible(f"a hop leads from one item to another, not from {target} to it"))
    if target.kind is Kind.FN and _can_call(caller.target):
        answer = caller.calls.answer(target)
        if answer.verdict is Verdict.RESOLVED and answer.site is not None:
            place = f"line {answer.site.line} of {caller.target.path}"
            raise FlowError(visible(f"{target} is called at {place}: assert it instead"))
    draft.add_question(Hop(str(caller), str(target), via, Verdict.STATED))


def leads_to(site: Site, target: Target) -> bool:
    """Tell whether a site is resolved to an item, or to the impl of what the item declares."""
    return target.is_at(site.item) or target.is_at(site.trait)


def _meant(item: object, draft: Draft) -> Target:
    match item:
        case ItemHandle():
            return item.target
        case str():
            return target_at(draft.opened, item)
        case _:
            raise FlowError(what_to_write(item))


def _can_call(target: Target) -> bool:
    """Tell whether an item has code; a function that a trait only declares has none."""
    is_declared = target.kind is Kind.FN and target.found.text.endswith(b";")
    return target.kind in _CALLING and not is_declared
