"""What a reading of a flow's code says that it extracts, held against what it does when run."""

from __future__ import annotations

import itertools
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_flowcorpus.reading import Reading, Teller, read_function

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULE = {"KIND": "Kind", "KINDS": ["A", "B"], "PATHS": ("a.rs", "b.rs"), "NUMBER": 1}


def read(body: str, **names: object) -> Reading:
    """Read a flow of that body, which begins in line 2."""
    code = f"def flow_x(flow):\n{indent(body, '    ')}\n"
    found = read_function(code.encode(), "flow_x", {**MODULE, **names, "flow": Teller()})
    assert found is not None
    return found


def asked(reading: Reading) -> list[str]:
    return [f"{one.path}::{one.address}" for one in reading.asked]


FOLLOWED = {
    "a literal": ('flow.file("a.rs").extract("A")', "a.rs::A"),
    "a handle": ('f = flow.file("a.rs")\nf.extract("A")', "a.rs::A"),
    "a handle with a type": ('f: object = flow.file("a.rs")\nf.extract("A")', "a.rs::A"),
    "two handles of one file": ('f = g = flow.file("a.rs")\ng.extract("A")', "a.rs::A"),
    "arguments by their names": ('flow.file(path="a.rs").extract(address="A")', "a.rs::A"),
    "literals side by side": ('flow.file("a" ".rs").extract("A")', "a.rs::A"),
    "a constant of the module": ('flow.file("a.rs").extract(KIND)', "a.rs::Kind"),
    "an f-string": ('flow.file("a.rs").extract(f"{KIND}::{\'B\'}")', "a.rs::Kind::B"),
    "a concatenation": ('flow.file("a" + ".rs").extract(KIND + "::" + "B")', "a.rs::Kind::B"),
    "an alias of the method": ('take = flow.file("a.rs").extract\ntake("A")', "a.rs::A"),
    "an alias of flow.file": ('open = flow.file\nopen("a.rs").extract("A")', "a.rs::A"),
    "an alias of flow": ('tell = flow\ntell.file("a.rs").extract("A")', "a.rs::A"),
    "a walrus": ('(f := flow.file("a.rs")).extract(n := "A")\nf.extract(n)', "a.rs::A a.rs::A"),
    "names unpacked": ('f, (n, m) = flow.file("a.rs"), ("A", "B")\nf.extract(m)', "a.rs::B"),
    "a loop": ('for n in ["A", "B"]:\n    flow.file("a.rs").extract(n)', "a.rs::A a.rs::B"),
    "a loop's variable behind it": (
        'for n in "A", "B":\n    pass\nflow.file("a.rs").extract(n)',
        "a.rs::B",
    ),
    "a loop over the module's list": (
        'for n in KINDS:\n    flow.file("a.rs").extract(n)',
        "a.rs::A a.rs::B",
    ),
    "a loop over pairs": (
        (
            'for p, ns in [("a.rs", ["A", "B"]), ("b.rs", [])]:\n'
            "    for n in ns:\n        flow.file(p).extract(n)"
        ),
        "a.rs::A a.rs::B",
    ),
    "the else of a loop": (
        (
            'for n in []:\n    flow.file("a.rs").extract("A")\n'
            'else:\n    flow.file("a.rs").extract("B")'
        ),
        "a.rs::B",
    ),
    "a comprehension": (
        '[flow.file(p).extract(n) for p in PATHS for n in ("A", "B")]',
        "a.rs::A a.rs::B b.rs::A b.rs::B",
    ),
    "a comprehension of a mapping": (
        'f = flow.file("a.rs")\n{f.extract(n): f.extract(f"{n}2") for n in ["A"]}',
        "a.rs::A a.rs::A2",
    ),
    "a set and a generator": (
        'f = flow.file("a.rs")\n{f.extract(n) for n in ["A"]}\nlist(f.extract(n) for n in ["B"])',
        "a.rs::A a.rs::B",
    ),
    "what a comprehension asks": (
        'f = flow.file("a.rs")\n[0 for n in ["A"] if f.extract(n)]',
        "a.rs::A",
    ),
    "both branches": (
        'f = flow.file("a.rs")\nif f.path:\n    f.extract("A")\nelse:\n    f.extract("B")',
        "a.rs::A a.rs::B",
    ),
    "what an if asks": ('if "x" in flow.file("a.rs").extract("A"):\n    pass', "a.rs::A"),
    "both sides of a conditional": (
        'f = flow.file("a.rs")\nf.extract("A") if f.path else f.extract("B")',
        "a.rs::A a.rs::B",
    ),
    "a with": ('with open("x"):\n    flow.file("a.rs").extract("A")', "a.rs::A"),
    "a try": (
        (
            'f = flow.file("a.rs")\ntry:\n    f.extract("A")\nexcept Oops:\n    f.extract("B")\n'
            'else:\n    f.extract("C")\nfinally:\n    f.extract("D")'
        ),
        "a.rs::A a.rs::B a.rs::C a.rs::D",
    ),
    "a match": (
        (
            'f = flow.file("a.rs")\nmatch f.path:\n    case "a":\n        f.extract("A")\n'
            '    case _:\n        f.extract("B")'
        ),
        "a.rs::A a.rs::B",
    ),
    "a while": ('while KIND:\n    flow.file("a.rs").extract("A")', "a.rs::A"),
    "a function inside": ('def go():\n    flow.file("a.rs").extract("A")\ngo()', "a.rs::A"),
    "a coroutine inside": ('async def go():\n    flow.file("a.rs").extract("A")', "a.rs::A"),
    "a lambda": ('go = lambda: flow.file("a.rs").extract("A")', "a.rs::A"),
    "what a function inside is made with": (
        'f = flow.file("a.rs")\n@f.extract("A")\ndef go(n=f.extract("B")): pass',
        "a.rs::A a.rs::B",
    ),
    "an assert": ('assert flow.file("a.rs").extract("A") in KINDS', "a.rs::A"),
    "what is handed to somebody": ('print(flow.file("a.rs").extract("A"))', "a.rs::A"),
    "a file of the repository": ('flow.file("/tests/a.rs").extract("use")', "/tests/a.rs::use"),
}


@pytest.mark.parametrize(("body", "items"), FOLLOWED.values(), ids=FOLLOWED)
def test_what_a_spec_writes_is_followed(body: str, items: str) -> None:
    reading = read(body)
    assert asked(reading) == items.split()
    assert reading.unread == []


COMPUTED = {
    "a path": ('flow.file("a.rs".lower()).extract("A")', 2),
    "an address": ('flow.file("a.rs").extract(str(KIND))', 2),
    "an address that is no text": ('flow.file("a.rs").extract(NUMBER)', 2),
    "no address": ('flow.file("a.rs").extract()', 2),
    "arguments in a list": ('flow.file("a.rs").extract(*KINDS)', 2),
    "an f-string with a format": ('flow.file("a.rs").extract(f"{KIND!r}")', 2),
    "an f-string with a width": ('flow.file("a.rs").extract(f"{KIND:>9}")', 2),
    "an f-string of a number": ('flow.file("a.rs").extract(f"A{NUMBER}")', 2),
    "a text repeated": ('flow.file("a.rs").extract("A" * 2)', 2),
    "a name from nowhere": ('flow.file("a.rs").extract(elsewhere)', 2),
    "a loop over what is computed": ('for n in sorted(KINDS):\n  flow.file("a.rs").extract(n)', 3),
    "a comprehension over that": ('f = flow.file("a.rs")\n[f.extract(n) for n in set(KINDS)]', 3),
    "a parameter of a function inside": ('def go(n):\n    flow.file("a.rs").extract(n)', 3),
    "a keyword of a function inside": ('def go(*, KIND):\n    flow.file("a.rs").extract(KIND)', 3),
    "a parameter of a lambda": ('go = lambda KIND: flow.file("a.rs").extract(KIND)', 2),
    "a handle that a helper gives": ('made = opener()\nmade.extract("A")', 3),
    "a handle out of a mapping": ('files = {"a": flow.file("a.rs")}\nfiles["a"].extract("A")', 3),
    "one handle of two": (
        'f = flow.file("a.rs") if KIND else flow.file("b.rs")\nf.extract("A")',
        3,
    ),
    "flow handed on": ("\nhelper(flow)", 3),
    "a handle handed on": ('f = flow.file("a.rs")\nhelper(f)', 3),
    "a handle handed on by its name": ('f = flow.file("a.rs")\nhelper(of=f)', 3),
    "a method handed on": ('f = flow.file("a.rs")\nmap(f.extract, KINDS)', 3),
    "a handle handed on in a list": ('f = flow.file("a.rs")\nhelper([f])', 3),
    "a handle handed on in a mapping": ('f = flow.file("a.rs")\nhelper({"a": f})', 3),
    "handles handed on by a star": ('f = flow.file("a.rs")\nhelper(*[f])', 3),
    "a text that is added to": ('n = "A"\nn += "B"\nflow.file("a.rs").extract(n)', 4),
    "a list that is added to": (
        'ns = ["A"]\nns.append("B")\nfor n in ns:\n    flow.file("a.rs").extract(n)',
        5,
    ),
    "a name that only one branch binds": (
        'n = "A"\nif KIND:\n    n = "B"\nflow.file("a.rs").extract(n)',
        5,
    ),
    "a name that each branch binds otherwise": (
        'if KIND:\n    n = "A"\nelse:\n    n = "B"\nflow.file("a.rs").extract(n)',
        6,
    ),
    "a name of the other branch": (
        'n = "A"\nif KIND:\n    n = "B"\nelse:\n    flow.file("a.rs").extract(n)',
        6,
    ),
    "a name that the round before binds": (
        'n = "A"\nwhile KIND:\n    flow.file("a.rs").extract(n)\n    n = "B"',
        4,
    ),
    "an alias that a branch binds otherwise": (
        'f = flow.file("a.rs")\ntake = f.extract\nif KIND:\n    take = 0\ntake("A")',
        6,
    ),
    "an alias in the branch that does not bind it": (
        'f = flow.file("a.rs")\ntake = f.extract\nif KIND:\n    take = 0\nelse:\n    take("A")',
        7,
    ),
    "a name that a comprehension binds": (
        'n = "A"\n[n := one for one in KINDS if one]\nflow.file("a.rs").extract(n)',
        4,
    ),
    "a name that a with binds": ('with open(n := "A") as n:\n    flow.file("a.rs").extract(n)', 3),
    "a name that an except binds": (
        'n = "A"\ntry:\n    pass\nexcept ValueError as n:\n    flow.file("a.rs").extract(n)',
        6,
    ),
    "a name that a case binds": (
        'n = "A"\nmatch KINDS:\n    case [n, *_]:\n        flow.file("a.rs").extract(n)',
        5,
    ),
    "a name that an import binds": ('n = "A"\nimport os as n\nflow.file("a.rs").extract(n)', 4),
    "the rest of a list": ('*n, m = "A", "B", "C"\nflow.file("a.rs").extract(m)', 3),
    "a loop's variable behind a break": (
        'for n in "A", "B":\n    if KIND:\n        break\nflow.file("a.rs").extract(n)',
        5,
    ),
}


@pytest.mark.parametrize(("body", "line"), COMPUTED.values(), ids=COMPUTED)
def test_what_is_computed_is_neither_guessed_nor_passed_over(body: str, line: int) -> None:
    reading = read(body)
    assert asked(reading) == []
    assert {*reading.unread} == {line}


def test_names_inside_a_function_or_a_comprehension_are_not_those_around_it() -> None:
    reading = read(
        'f, n = flow.file("a.rs"), "A"\n'
        'def go(f, n):\n    g = flow.file("b.rs")\n'
        '[f.path for n in ["B"] for f in [flow.file("c.rs")]]\n'
        "f.extract(n)"
    )
    assert asked(reading) == ["a.rs::A"]
    assert reading.unread == []


def test_what_is_asked_has_the_line_of_its_call() -> None:
    reading = read('f = flow.file(\n    "a.rs"\n)\nf.extract(\n    "A"\n)\nf.extract(str())')
    assert [one.line for one in reading.asked] == [5]
    assert reading.unread == [8]


def test_what_has_nothing_to_do_with_the_source_is_neither() -> None:
    reading = read(
        'flow.request("x")\nflow.think("y", covers=["errors"])\nf = flow.file("a.rs")\n'
        'print(f.path)\nprint("a".upper(), KINDS)\nflow.hop(1, 2, via="T::f")'
    )
    assert reading.asked == []
    assert reading.unread == []


def test_parameters_of_the_node_are_known() -> None:
    reading = read('flow.file(path).extract("A")', path="b.rs")
    assert asked(reading) == ["b.rs::A"]


def test_of_two_functions_of_one_name_the_last_is_read_and_no_other() -> None:
    code = b"""\
def flow_x(flow): flow.file("a.rs").extract("A")
def flow_y(flow): flow.file("a.rs").extract("B")
async def flow_x(flow): flow.file("a.rs").extract("C")
flow.file("a.rs").extract("D")
"""
    reading = read_function(code, "flow_x", {"flow": Teller()})
    assert reading is not None
    assert asked(reading) == ["a.rs::C"]
    assert read_function(code, "flow_z", {}) is None


def test_nothing_is_run(tmp_path: Any) -> None:
    mark = tmp_path / "mark"
    read(f'open({str(mark)!r}, "w")\n1 / 0\nflow.file("a.rs").extract("A")')
    assert not mark.exists()


# Against Python itself


@dataclass
class Handle:
    """Stands in for a file's handle and notes what is taken, with the line that asks."""

    path: str
    taken: list[tuple[str, str, int]]

    def extract(self, address: str) -> Handle:
        self.taken.append((self.path, address, sys._getframe(1).f_lineno))
        return self


@dataclass
class Recorder:
    """Stands in for `flow`; `choices` say which way each branch goes."""

    choices: tuple[bool, ...] = ()
    taken: list[tuple[str, str, int]] = field(default_factory=list)
    rounds: dict[int, int] = field(default_factory=dict)

    def file(self, path: str) -> Handle:
        return Handle(path, self.taken)

    def chosen(self, number: int) -> bool:
        return self.choices[number]

    def fails(self, number: int) -> None:
        if self.choices[number]:
            raise LookupError

    def again(self, number: int) -> bool:
        """Tell twice that there is another round, and then that there is none."""
        self.rounds[number] = (self.rounds.get(number, 0) + self.choices[number]) % 3
        return self.rounds[number] > 0

    @contextmanager
    def held(self) -> Iterator[str]:
        yield "Held"


MOST_CHOICES = 5
TEXTS = ("a", "b")
HANDLES = ("f", "g")


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Give an expression of a text."""
    kinds = ("literal", "literal", "name", "name", "f", "+", "constant", ":=")
    match draw(st.sampled_from(kinds)):
        case "name":
            return draw(st.sampled_from(TEXTS))
        case "f":
            return f'f"{{{draw(st.sampled_from(TEXTS))}}}::{{KIND}}"'
        case "+":
            return f"({draw(texts())} + {draw(texts())})"
        case "constant":
            return "KIND"
        case ":=":
            return f"({draw(st.sampled_from(TEXTS))} := {draw(texts())})"
    return f'"{draw(st.sampled_from("ABC"))}"'


@st.composite
def handles(draw: st.DrawFn) -> str:
    """Give an expression of a file's handle."""
    return draw(st.one_of(st.sampled_from(HANDLES), texts().map(lambda one: f"flow.file({one})")))


@st.composite
def extractions(draw: st.DrawFn) -> str:
    form = draw(st.sampled_from(["{f}.extract({t})", "{f}.extract(address={t})", "take({t})"]))
    return str(form).format(f=draw(handles()), t=draw(texts()))


@st.composite
def bindings(draw: st.DrawFn) -> str:
    text, handle = draw(st.sampled_from(TEXTS)), draw(st.sampled_from(HANDLES))
    form = draw(
        st.sampled_from(["{t} = {v}", "{h} = {w}", "take = {w}.extract", "{t}, {h} = {v}, {w}"])
    )
    return str(form).format(t=text, h=handle, v=draw(texts()), w=draw(handles()))


@st.composite
def loops(draw: st.DrawFn) -> tuple[str, str]:
    """Give a loop's variables and what it runs over."""
    values = draw(st.lists(texts().filter(lambda one: ":=" not in one), min_size=1, max_size=3))
    over = f"[{', '.join(values)}]"
    if draw(st.booleans()):
        pairs = "".join(f"({one}, {one}), " for one in values)
        return "a, b", f"({pairs})"
    return draw(st.sampled_from(TEXTS)), draw(st.sampled_from([over, "KINDS"]))


SIMPLE = (
    extractions(),
    extractions(),
    bindings(),
    st.builds(
        "[{1} for {0[0]} in {0[1]}]".format,
        loops(),
        extractions().filter(lambda one: ":=" not in one),
    ),
)
AROUND = {
    "for {0} in {1}:\n{body}\nelse:\n{other}",
    "with flow.held():\n{body}",
    "try:\n{body}\nfinally:\n{other}",
}
BRANCHING = {
    "if flow.chosen(?):\n{body}\nelse:\n{other}",
    "if flow.chosen(?):\n{body}",
    "while flow.again(?):\n{body}",
    "try:\n{body}\n    flow.fails(?)\nexcept LookupError:\n{other}",
    "match flow.chosen(?):\n  case True:\n{body}\n  case _:\n{other}",
    "with flow.held() as {name}:\n{body}",
    "def go(a, b, f, g):\n    take = f.extract\n{body}\ngo({text}, {text}, {handle}, g)",
    "{name} += {text}\nwith flow.held():\n{body}",
    "for {0} in {1}:\n    if flow.chosen(?):\n        break\n{body}",
    "for {0} in {1}:\n    if flow.chosen(?):\n        continue\n{body}",
}


@st.composite
def compound(draw: st.DrawFn, forms: set[str], inner: st.SearchStrategy[str]) -> str:
    form = draw(st.sampled_from(sorted(forms)))
    parts = {
        "body": indent(draw(inner), "    "),
        "other": indent(draw(inner), "    ") if "{other}" in form else "",
        "name": draw(st.sampled_from(TEXTS)),
        "text": draw(texts()) if "{text}" in form else "",
        "handle": draw(handles()) if "{handle}" in form else "",
    }
    return form.format(*(draw(loops()) if "{1}" in form else ()), **parts)


def blocks(forms: set[str], depth: int) -> st.SearchStrategy[str]:
    """Give a few statements, nested `depth` deep; `?` stands for the number of a choice."""
    found = st.one_of(*SIMPLE)
    for _ in range(depth):
        some = st.lists(found, min_size=1, max_size=3).map("\n".join)
        found = st.one_of(*SIMPLE, compound(forms, some), compound(forms, some))
    return st.lists(found, min_size=1, max_size=4).map("\n".join)


def numbered(body: str) -> tuple[str, int]:
    """Give each `?` the number of a choice, and how many there are."""
    numbers = itertools.count()
    return re.sub(r"\?", lambda _: str(next(numbers)), body), body.count("?")


BEGINNING = """\
def flow_x(flow):
    a, b = "A", "b.rs"
    f, g = flow.file("a.rs"), flow.file(b)
    take = f.extract
"""


def code_of(body: str) -> str:
    return BEGINNING + indent(body, "    ") + "\n"


def run(code: str, choices: tuple[bool, ...] = ()) -> list[tuple[str, str, int]]:
    names: dict[str, Any] = {**MODULE}
    exec(compile(code, "flow_x.py", "exec"), names)
    flow = Recorder(choices)
    names["flow_x"](flow)
    return flow.taken


def read_as_it_is(code: str) -> Reading:
    reading = read_function(code.encode(), "flow_x", {**MODULE, "flow": Teller()})
    assert reading is not None
    return reading


@given(body=blocks(AROUND, 3))
def test_where_nothing_is_computed_a_reading_asks_what_a_run_does_in_its_order(body: str) -> None:
    code = code_of(body)
    reading = read_as_it_is(code)
    assert [(one.path, one.address, one.line) for one in reading.asked] == run(code)
    assert reading.unread == []


@given(body=blocks(AROUND | BRANCHING, 2))
def test_a_reading_invents_nothing_and_notes_the_line_of_all_that_it_does_not_know(
    body: str,
) -> None:
    body, count = numbered(body)
    assume(count <= MOST_CHOICES)
    code = code_of(body)
    reading = read_as_it_is(code)
    known = {(one.path, one.address, one.line) for one in reading.asked}
    runs = itertools.product((False, True), repeat=count)
    taken = {one for choices in runs for one in run(code, choices)}
    assert known <= taken
    assert {line for *_, line in taken - known} <= {*reading.unread}
