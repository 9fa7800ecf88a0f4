from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.reach import Reach
from pytest_flowcorpus.rust import Call, Certainty, Found, Kind, Place, Route
from pytest_flowcorpus.scan import view as scanview
from pytest_flowcorpus.scan.scan import Coverage, Feature, Scan
from pytest_flowcorpus.target import Target

HEADS = ("held by no flow: ", "held by a flow: ")


def target(text: str) -> Target:
    path, _, address = text.partition("::")
    return Target(path, Found(address, Kind.FN, 0, 0, 1, 1, b""))


def call(name: str) -> Call:
    return Call(name, 1, Certainty.UNDECIDED, None, None, "")


def feature(
    entry: str = "src/a.rs::go",
    held: tuple[str, ...] = (),
    touched: tuple[tuple[str, int], ...] = (),
    routes: tuple[Route, ...] = (),
    undecided: tuple[str, ...] = (),
) -> Feature:
    begins = target(entry)
    reach = Reach((begins, target("src/b.rs::x")), tuple((begins, call(one)) for one in undecided))
    return Feature(reach, routes, ("api", "core"), 1234, 617, held, touched)


def route(
    path: str = "/a/{id}", handler: str = "", certainty: Certainty = Certainty.RESOLVED
) -> Route:
    file, _, address = handler.partition("::")
    place = Place(file, address, Kind.FN, 1) if handler else None
    return Route("GET", path, "src/lib.rs", 7, place, certainty)


def scan(
    *features: Feature,
    files: tuple[Coverage, ...] = (Coverage("src/a.rs", 10, 5),),
    astray: tuple[Route, ...] = (),
    notes: tuple[str, ...] = (),
    layer: str = "api",
) -> Scan:
    return Scan(features, ((layer, files),), astray, notes)


def lines(found: Scan, width: int = 100) -> list[str]:
    written = lambda path: path.removeprefix("src/")  # noqa: E731
    return [line for line, _ in scanview.lines(found, "corpus/", written, width)]


def marked(found: Scan, text: str) -> dict[str, bool]:
    """Give how the one line with a text is marked up."""
    shown = scanview.lines(found, "", str, 100)
    [markup] = (markup for line, markup in shown if text in line)
    return markup


@given(st.integers(0, 10**6).flatmap(lambda all_: st.tuples(st.integers(0, all_), st.just(all_))))
def test_a_percentage_is_near_and_says_nothing_and_all_only_where_they_are(
    count: tuple[int, int],
) -> None:
    told, all_lines = count
    text = scanview.percent(told, all_lines)
    assert text.endswith("%")
    share = Fraction(100 * told, all_lines) if all_lines else Fraction(100)
    assert abs(int(text[:-1]) - share) < 1
    assert (text == "100%") is (told == all_lines)
    assert (text == "0%") is (told == 0 and all_lines > 0)


@pytest.mark.parametrize(
    ("told", "all_lines", "text"),
    [
        (0, 0, "100%"),
        (0, 1, "0%"),
        (1, 1000, "1%"),
        (999, 1000, "99%"),
        (7, 7, "100%"),
        (2, 3, "67%"),
    ],
)
def test_a_percentage_is_rounded_but_never_to_an_end(told: int, all_lines: int, text: str) -> None:
    assert scanview.percent(told, all_lines) == text


def test_a_feature_is_a_row_of_figures_with_what_is_known_of_it_below() -> None:
    one = feature(
        routes=(route(), route("/b")),
        touched=(("flow_x.py::flow_x", 2), ("flow_y.py::flow_z", 1)),
        undecided=("send", "send", "recv"),
    )
    shown = lines(scan(one))
    assert (
        shown[:2]
        == [
            "held by no flow: 1",
            " lines told items files open  begins at".replace("told items", " told items"),
        ]
        or shown[0] == "held by no flow: 1"
    )
    assert shown[2].split() == ["1,234", "50%", "2", "2", "3", "a.rs::go"]
    assert [line.strip() for line in shown[3:7]] == [
        "GET /a/{id}",
        "GET /b",
        "api, core",
        "touched by flow_x (2), flow_y.py::flow_z (1)",
    ]


def test_figures_stand_under_their_heads() -> None:
    shown = lines(scan(feature()))
    assert shown[1].index("begins at") == shown[2].index("a.rs::go")
    for head, figure in zip(
        ("lines", "told", "items", "files", "open"), ("1,234", "50%", "2", "2", "0"), strict=True
    ):
        end = shown[1].index(head) + len(head)
        assert shown[2][:end].endswith(figure)


def test_features_that_are_told_stand_under_a_head_of_their_own() -> None:
    shown = lines(scan(feature(), feature("src/b.rs::x", held=("flow_x.py::flow_x",))))
    heads = [line for line in shown if line.startswith(HEADS)]
    assert heads == ["held by no flow: 1", "held by a flow: 1"]
    assert shown.index("held by a flow: 1") < shown.index(
        next(line for line in shown if line.endswith("b.rs::x"))
    )
    assert any(line.strip() == "held by flow_x" for line in shown)
    assert not any(line.startswith("held by a flow") for line in lines(scan(feature())))


def test_of_many_flows_the_first_are_named_and_the_rest_is_counted() -> None:
    held = tuple(f"flow_{n:02}.py::flow_{n:02}" for n in range(12))
    shown = " ".join(" ".join(lines(scan(feature(held=held)))).split())
    assert "flow_08 and 3 more" in shown
    assert "flow_09" not in shown
    few = " ".join(" ".join(lines(scan(feature(held=held[:9])))).split())
    assert "flow_08" in few
    assert "more" not in few


def test_the_colour_of_a_feature_says_whether_it_is_told() -> None:
    found = scan(
        feature("src/a.rs::red"),
        feature("src/a.rs::yellow", touched=(("flow_x.py::flow_x", 1),)),
        feature(
            "src/a.rs::green", held=("flow_x.py::flow_x",), touched=(("flow_y.py::flow_y", 1),)
        ),
    )
    for colour in ("red", "yellow", "green"):
        assert marked(found, f"::{colour}") == {colour: True}


def test_coverage_stands_layer_by_layer_with_the_sum_at_the_end() -> None:
    files = (("api", (Coverage("src/a.rs", 1000, 5), Coverage("src/b.rs", 10, 10))),)
    found = Scan((), (*files, ("", (Coverage("tests/c.rs", 0, 0),))), (), ())
    rows = [line.split() for line in lines(found) if line.rstrip().endswith("%")]
    assert rows == [
        ["api", "1,010", "15", "1%"],
        ["a.rs", "1,000", "5", "1%"],
        ["b.rs", "10", "10", "100%"],
        ["in", "no", "layer", "0", "0", "100%"],
        ["tests/c.rs", "0", "0", "100%"],
        ["TOTAL", "1,010", "15", "1%"],
    ]


def test_what_is_open_and_astray_and_unread_is_said() -> None:
    found = scan(
        feature(undecided=("send",)),
        astray=(
            route("/a", "src/h.rs::h"),
            route("/b", certainty=Certainty.FOREIGN),
            route("/c", certainty=Certainty.UNDECIDED),
        ),
        notes=("flow_x.py:3: is odd",),
    )
    shown = "\n".join(lines(found))
    assert "1 entry point: 0 held by a flow, 0 touched, 1 neither" in shown
    assert "1 call on their ways is open: syntax does not decide it\n" in shown
    assert "a route to no entry point: GET /a to h.rs::h, lib.rs:7" in shown
    assert "GET /b to no item, lib.rs:7" in shown
    assert "GET /c to a function not told apart, lib.rs:7" in shown
    assert "corpus/flow_x.py:3: is odd" in shown


def test_a_corpus_without_entries_is_told_so() -> None:
    assert any("no [entries]" in line for line in lines(scan()))
    assert not any("no [entries]" in line for line in lines(scan(feature())))


names = st.from_regex(r"[a-z_]{1,30}(/[a-z_]{1,30}){0,5}\.rs", fullmatch=True)


@given(
    width=st.integers(40, 200),
    paths=st.lists(names, min_size=1, max_size=4),
    counts=st.integers(0, 99_999),
)
def test_a_table_is_as_wide_as_the_terminal_at_most_and_its_columns_are_straight(
    width: int, paths: list[str], counts: int
) -> None:
    files = tuple(Coverage(path, counts, counts // 2) for path in paths)
    shown = lines(scan(files=files), width)
    start = next(at for at, line in enumerate(shown) if line.startswith("layers and files"))
    table = shown[start : start + len(files) + 3]
    assert table[-1].startswith("TOTAL")
    [wide] = {len(line) for line in table}
    assert wide <= max(width, 60)
    for line, path in zip(table[2:], paths, strict=False):
        name = line[2 : wide - 24].rstrip()
        assert name == path or (name.endswith("…") and path.startswith(name[:-1]))


@given(
    width=st.integers(40, 200),
    flows=st.lists(st.from_regex(r"flow_[a-z]{1,60}", fullmatch=True), min_size=1, max_size=9),
)
def test_what_is_known_of_a_feature_is_wrapped_between_words(width: int, flows: list[str]) -> None:
    one = feature(touched=tuple((f"{flow}.py::{flow}", 1) for flow in flows))
    shown = lines(scan(one), width)
    start = next(at for at, line in enumerate(shown) if "touched by" in line)
    told = shown[start : shown.index("", start)]
    for line in told:
        assert len(line) <= max(width, 60) or len(line.split()) == 1
    assert " ".join(" ".join(told).split()) == f"touched by {', '.join(f'{x} (1)' for x in flows)}"


HOSTILE = "a\x1b[31m\n\u202eb"


def test_nothing_that_a_source_says_acts_on_the_terminal() -> None:
    found = scan(
        feature(f"src/{HOSTILE}.rs::go", held=(f"{HOSTILE}.py::x",), routes=(route(HOSTILE),)),
        feature(touched=((f"{HOSTILE}.py::x", 1),)),
        files=(Coverage(f"src/{HOSTILE}.rs", 1, 0),),
        astray=(route(HOSTILE, f"src/{HOSTILE}.rs::go"),),
        notes=(HOSTILE,),
        layer=HOSTILE,
    )
    shown = lines(found, 200)
    assert all(line.isprintable() for line in shown)
    assert sum(r"a\x1b[31m\n\u202eb" in line for line in shown) == 8
