from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.prose import unwrap
from pytest_flowcorpus.spans import spans
from pytest_flowcorpus.told import Places, SpecText, line_in


def places(source: str | bytes, told: str, line: int = 1) -> list[tuple[int, int] | None]:
    data = source.encode() if isinstance(source, str) else source
    text = SpecText(data)
    return [text.place(told, line, index) for index in range(len(spans(told)))]


def test_a_span_is_found_in_the_line_and_column_of_its_literal() -> None:
    source = 'def f(flow):\n    flow.think("""\n        one `two` and\n        `three`\n    """)\n'
    assert places(source, "one `two` and `three`") == [(3, 13), (4, 9)]


def test_a_span_that_stands_twice_is_found_in_both_places() -> None:
    assert places('f("`a` `a`\\n\\n`a`")\n', "`a` `a`\n\n`a`") == [(1, 4), (1, 8), (1, 15)]


def test_a_span_broken_by_a_line_end_is_found_where_it_begins() -> None:
    assert places('f("""\n  x `a\n  b`\n""")\n', "x `a b`") == [(2, 5)]


def test_columns_are_counted_in_characters() -> None:
    assert places('é = "é\U0001f600 `a`"\n', "é\U0001f600 `a`") == [(1, 9)]
    assert places('if 1:\n\tf("\t`a`")\n', "`a`") == [(2, 6)]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("literal", "told", "place"),
    [
        (r'"\x41\n\n\N{BULLET} `a`"', "A\n\n\u2022 `a`", (1, 23)),
        (r"r'\d `a`'", r"\d `a`", (1, 8)),
        (r'"\d `a`"', r"\d `a`", (1, 7)),
        (r'"\"\101\u00e9 \U0001f600 `a`"', '"A\u00e9 \U0001f600 `a`', (1, 28)),
        ("'''x \\\n`a`'''", "x `a`", (2, 1)),
        ("('x '  # `no`\n  \"y\" r'''`a`''')", "x y`a`", (2, 11)),
        ("'x ' \\\n u'`a`'", "x `a`", (2, 4)),
        (r"'\x60a`'", "`a`", (1, 4)),
    ],
)
def test_escapes_and_literals_side_by_side_are_followed(
    literal: str, told: str, place: tuple[int, int]
) -> None:
    assert places(f"f({literal})\n", told) == [(place[0], place[1])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_shift_nothing(end: str, mark: str) -> None:
    source = f'{mark}x = 1\ny = """\n  a\n  `b`\n"""\n'.replace("\n", end)
    assert places(source, "a `b`") == [(4, 3)]


def test_the_declared_encoding_of_a_spec_is_followed() -> None:
    source = '# coding: latin-1\nx = "é `a`"\n'.encode("latin-1")
    assert places(source, "é `a`") == [(2, 8)]


def test_a_text_that_a_variable_or_a_parameter_holds_is_found_where_it_is_written() -> None:
    source = 'TEXT = "x `a`"\n\n\ndef f(flow):\n    flow.think(TEXT)\n'
    assert places(source, "x `a`", line=5) == [(1, 11)]


def test_of_two_literals_alike_the_one_in_the_call_is_meant() -> None:
    source = 'f("`a`")\nf(\n  "`a`"\n)\n'
    assert places(source, "`a`", line=1) == [(1, 4)]
    assert places(source, "`a`", line=2) == [(3, 4)]


@pytest.mark.parametrize(
    "source",
    [
        'f(f"{1} `a`")\n',
        'f("" f"1 `a`")\n',
        'f("1 " + "`a`")\n',
        'f("%s `a`" % 1)\n',
        'f(b"1 `a`")\n',
        "no python\n",
        b"\xff",
        "",
        "# coding: nonsense\n",
    ],
)
def test_a_text_that_is_no_plain_literal_has_no_place(source: str | bytes) -> None:
    assert places(source, "1 `a`") == [None]


def test_a_spec_that_has_changed_since_has_no_place() -> None:
    assert places('f("`b`")\n', "`a`") == [None]


def test_a_place_is_told_as_compilers_do_and_without_a_literal_by_its_line(tmp_path: Path) -> None:
    spec = tmp_path / "flow_x.py"
    spec.write_text('f("`a`")\ng(via="A::b")\n')
    told = Places(spec, "corpus/flow_x.py", (1, 7, None))
    assert told.of_span(0, "`a`", 0) == "corpus/flow_x.py:1:4"
    assert told.of_span(1, "`b`", 0) == "corpus/flow_x.py:7"
    assert told.of_span(2, "`b`", 0) == "corpus/flow_x.py"
    assert told.of_literal("A::b") == "corpus/flow_x.py:2"
    assert told.of_literal("A::c") == "corpus/flow_x.py"
    spec.unlink()
    assert Places(spec, "flow_x.py", (1,)).of_span(0, "`a`", 0) == "flow_x.py:1"


def test_the_line_is_that_of_the_innermost_step_in_the_file() -> None:
    def helper() -> int | None:
        return line_in(__file__)

    assert helper() == helper.__code__.co_firstlineno + 1
    assert line_in("elsewhere.py") is None


pieces = st.lists(
    st.tuples(st.text("aé \t\U0001f600\\'\"\n", max_size=8), st.text("xyz_", min_size=1)),
    min_size=1,
)


@given(parts=pieces, style=st.sampled_from(["repr", "triple", "raw", "sides"]), crlf=st.booleans())
def test_every_span_is_found_however_its_literal_is_written(
    parts: list[tuple[str, str]], style: str, *, crlf: bool
) -> None:
    prose = "".join(f"w{' '.join(text.split())} `{code}`" for text, code in parts)
    prose = prose.replace("\\", "\\\\")  # an escape of Markdown must not take a backtick
    literal = {
        "repr": repr(prose),
        "triple": '"""\n    ' + prose.replace("\\", "\\\\").replace('"', '\\"') + '\n"""',
        "raw": f"r'''\n\t{prose.replace(chr(39), '')}\n'''",
        "sides": "(" + "\n  ".join(map(repr, [*prose])) + ")",
    }[style]
    told = prose.replace("'", "") if style == "raw" else prose
    source = f"# é\nx = {literal}\n"
    lines = source.split("\n")
    encoded = source.replace("\n", "\r\n" if crlf else "\n").encode()
    found = places(encoded, unwrap(told))
    assert len(found) >= len(parts)
    for place in found:
        assert place is not None
        assert lines[place[0] - 1][place[1] - 1] == "`"
