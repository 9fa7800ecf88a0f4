"""The HTTP routes that a tree registers, in the manner of axum and aide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_flowcorpus.rust.routing.bodies import Bodies
from pytest_flowcorpus.rust.routing.callers import Callers
from pytest_flowcorpus.rust.routing.mounts import distinct, joins
from pytest_flowcorpus.rust.routing.registration import REGISTERING
from pytest_flowcorpus.rust.routing.values import Values
from pytest_flowcorpus.rust.routing.verbs import Verb, Verbs
from pytest_flowcorpus.rust.site import Certainty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_flowcorpus.rust.excerpt import LineRange
    from pytest_flowcorpus.rust.knowledge import Knowledge
    from pytest_flowcorpus.rust.module import Def
    from pytest_flowcorpus.rust.place import Place
    from pytest_flowcorpus.rust.routing.expression import Called, Expression
    from pytest_flowcorpus.rust.routing.mounts import Mount
    from pytest_flowcorpus.rust.routing.registration import Registration
    from pytest_flowcorpus.rust.routing.wiring import Wiring
    from pytest_flowcorpus.rust.workspace import Files, Workspace

SERVICE: Final = "*"
_REGISTERING: Final = re.compile(
    rb"\.\s*+(?:%s)\s*+[(:]" % "|".join(sorted(REGISTERING, reverse=True)).encode()
)
_NOTHING: Final = re.compile(r"\(\)|!|[\w:]*Result<\s*\(\)\s*[,>].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path that the source registers, and the function that serves it."""

    method: str
    """In capitals; ``ANY`` of `any`, ``*`` of a service, ``?`` where it cannot be told."""
    path: str
    """As served, with the prefixes under which its router is nested; escapes stand as written.

    What is written as anything but a text, or a constant that holds one, stands as its code in
    angle brackets.
    """
    file: str
    """From the top of the tree."""
    line: int
    """Where it is registered, counted from 1."""
    handler: Place | None
    """Of a resolved one."""
    certainty: Certainty
    """How much is known of the handler: ``foreign`` is a closure, or of another crate."""


class Routes:
    """Finds the routes of a tree.

    `place` gives where an item stands, `test_lines` the lines of a file that are of tests alone.
    """

    def __init__(
        self,
        known: Knowledge,
        files: Files,
        place: Callable[[Def], Place],
        test_lines: Callable[[str], tuple[LineRange, ...]],
    ) -> None:
        self._known = known
        self._place = place
        self._values = Values(known)
        self._files = _read(known.workspace, files)
        self._bodies = Bodies(known, self._values, test_lines)
        self._callers = Callers(self._files, self._bodies, self._values)
        self._verbs = Verbs(self._values, lambda function: self._bodies.of(function).result)

    def all(self) -> Iterator[Route]:
        """Give the routes by file and place; of one router under several prefixes, all of them."""
        registering = self._registering()
        prefixes = self._prefixes(wiring.owner for wiring in registering)
        found = [(wiring.owner, one) for wiring in registering for one in wiring.registrations]
        found.sort(key=lambda pair: (pair[0].module.source.path, pair[1].call.last.at))
        for owner, one in found:
            above = joins(prefixes[owner] or ("",), one.mount.prefixes or ("",))
            yield from self._of(owner, one, above)

    def _registering(self) -> list[Wiring]:
        """Give the bodies in which something is registered."""
        found = (
            self._bodies.at(path, call.start())
            for path, code in self._files.items()
            for call in _REGISTERING.finditer(code)
        )
        return list(dict.fromkeys(wiring for wiring in found if wiring is not None))

    # Where routers are mounted

    def _prefixes(self, registering: Iterable[Def]) -> dict[Def, tuple[str, ...]]:
        """Give the paths under which routers are mounted, by the functions that give them.

        Empty for one that nobody mounts. A function that mounts itself ends the way up.
        """
        found: dict[Def, tuple[str, ...]] = {}
        for owner, sites in self._upwards(registering):
            known = [(mount, found[by.owner]) for by, mount in sites if by.owner in found]
            found[owner] = distinct(path for one in known for path in _mounted(*one))
        return found

    def _upwards(self, pool: Iterable[Def]) -> Iterator[tuple[Def, list[tuple[Wiring, Mount]]]]:
        """Give functions and who calls them, callers before callees but where they are a circle."""
        seen: set[Def] = set()
        todo: list[tuple[Def, list[tuple[Wiring, Mount]] | None]] = [(one, None) for one in pool]
        while todo:
            owner, sites = todo.pop()
            if sites is not None:
                yield owner, sites
            elif owner not in seen:
                seen.add(owner)
                sites = list(self._callers.of(owner)) if self._gives(owner) else []
                todo.append((owner, sites))
                todo += [(wiring.owner, None) for wiring, _ in sites]

    def _gives(self, function: Def) -> bool:
        """Tell whether a function returns anything that could be a router."""
        piece = self._known.types.header(function)
        node = piece.first("function_item")
        result = node.child_by_field_name("return_type") if node is not None else None
        return result is not None and _NOTHING.fullmatch(piece.text(result)) is None

    # What is registered

    def _of(self, owner: Def, one: Registration, above: tuple[str, ...]) -> Iterator[Route]:
        """Give the routes of one registration, if it is one of a router."""
        source = owner.module.source
        written, router = one.call.arguments[:2]
        verbs = self._served(one.call, router)
        if all(verb.handler is None for verb in verbs) and b"Router" not in source.rust.code:
            return
        line = source.rust.line(one.call.last.at)
        for verb in verbs:
            handler, certainty = self._handler(verb)
            for path in joins(above, (self._values.text(written),)):
                yield Route(verb.method, path, source.path, line, handler, certainty)

    def _served(self, call: Called, router: Expression) -> list[Verb]:
        if "service" in call.name:
            return [Verb(SERVICE, router)]
        return self._verbs.read(router)

    def _handler(self, verb: Verb) -> tuple[Place | None, Certainty]:
        if verb.handler is None:
            return None, Certainty.UNDECIDED
        function, certainty = self._values.handler(verb.handler)
        return self._place(function) if function is not None else None, certainty


def _read(workspace: Workspace, files: Files) -> dict[str, bytes]:
    paths = sorted(path for path in workspace.paths if path.endswith(".rs"))
    return {path: files.read(path) or b"" for path in paths}


def _mounted(mount: Mount, above: tuple[str, ...]) -> tuple[str, ...]:
    """Give the paths under which a call's router ends up; none if nobody mounts it."""
    return joins(above or ("",), mount.prefixes) if mount.is_mounted else above
