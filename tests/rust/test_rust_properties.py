"""What holds for every Rust file and every address that Hypothesis can think of."""

from __future__ import annotations

from dataclasses import asdict

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_flowcorpus.rust import Address, BadAddress, Excerpt, Fingerprint, Kind, RustFile
from pytest_flowcorpus.rust.address import Block, Call, ForeignBlock, Name, Qualified
from pytest_flowcorpus.rust.tokens import tokens
from pytest_flowcorpus.rust.typename import covers, erased, spelling, written
from tests.rust.generated import FILES, NEWLINES, Placed, Plan, write

unhurried = settings(deadline=None)


@unhurried
@given(FILES, NEWLINES)
def test_every_item_is_found_with_its_exact_span(plans: tuple[Plan, ...], newline: str) -> None:
    written = write(plans, newline)
    file = RustFile(bytes(written.code))
    for item in written.items:
        found = file.find(item.address)
        assert (found.start, found.end) == (item.start, item.end), item
        assert file.find(found.address) == found
    assert len(file.items) == len(written.items)


@unhurried
@given(FILES, NEWLINES, st.data())
def test_an_excerpt_is_a_subsequence_of_lines_in_which_every_fragment_stands_whole(
    plans: tuple[Plan, ...], newline: str, data: st.DataObject
) -> None:
    written = write(plans, newline)
    assume(written.items)
    code = bytes(written.code)
    file = RustFile(code)
    chosen = data.draw(st.lists(st.sampled_from(written.items), min_size=1, max_size=4))
    excerpt = file.excerpt(file.find(item.address) for item in chosen)
    lines = code.splitlines(keepends=True)
    assert excerpt.text == spliced(lines, excerpt, newline.encode())
    for item in chosen:
        assert code[item.start : item.end] in excerpt.text
        for outer in around(item, written.items):
            assert code[outer.start : outer.body + 1] in excerpt.text


def spliced(lines: list[bytes], excerpt: Excerpt, newline: bytes) -> bytes:
    """Put the ranges together by hand, with one blank line for each gap."""
    previous = 0
    for first, last in excerpt.lines:
        assert previous + 1 < first + (previous == 0) <= last + (previous == 0)
        previous = last
    return newline.join(b"".join(lines[first - 1 : last]) for first, last in excerpt.lines)


def around(item: Placed, items: list[Placed]) -> list[Placed]:
    return [one for one in items if one.body < item.start and item.end < one.end]


@unhurried
@given(FILES, NEWLINES, st.data())
def test_edits_outside_a_fragment_leave_its_fingerprint(
    plans: tuple[Plan, ...], newline: str, data: st.DataObject
) -> None:
    written = write(plans, newline)
    assume(written.items)
    code = bytes(written.code)
    item = data.draw(st.sampled_from(written.items))
    before = print_of(code, item.address)
    line = f"fn elsewhere() {{ 'x' }}{newline}{newline}".encode()
    assert print_of(line + code, item.address) == before
    assert print_of(code + newline.encode() + line, item.address) == before


@unhurried
@given(FILES, st.sampled_from(("text", "comments", "attributes", "signature", "body")), st.data())
def test_an_edit_inside_a_function_changes_the_right_digests(
    plans: tuple[Plan, ...], digest: str, data: st.DataObject
) -> None:
    written = write(plans)
    functions = [item for item in written.items if item.kind == "fn"]
    assume(functions)
    item = data.draw(st.sampled_from(functions))
    code = bytes(written.code)
    at, text = {
        "text": (item.body + 1, b"   \n\n"),
        "comments": (item.body + 1, b" // new\n"),
        "attributes": (item.decl, b"#[new] "),
        "signature": (item.decl + len("pub "), b"unsafe "),
        "body": (item.body + 1, b" new(); "),
    }[digest]
    edited = code[:at] + text + code[at:]
    before, after = (asdict(print_of(one, item.address)) for one in (code, edited))
    assert {name for name in before if before[name] != after[name]} == {"text", digest}


def print_of(code: bytes, address: str) -> Fingerprint:
    file = RustFile(code)
    return file.fingerprint(file.find(address))


NAMES = st.sampled_from(
    ("a", "Foo", "match", "use", "impl", "extern", "_", "café", "Übung", "union", "type", "default")
)
PATHS = st.lists(st.sampled_from(("a", "Foo", "bar", "Ünd")), min_size=1, max_size=3).map("::".join)
TYPES = st.recursive(
    st.one_of(PATHS, st.sampled_from(("()", "!", "[u8; 4]", "&'a str", "*const T", "Self"))),
    lambda inner: st.one_of(
        st.tuples(PATHS, st.lists(inner, min_size=1, max_size=3)).map(
            lambda parts: f"{parts[0]}<{', '.join(parts[1])}>"
        ),
        inner.map(lambda part: f"&'a mut {part}"),
        inner.map(lambda part: f"({part}, {part},)"),
        inner.map(lambda part: f"Box<dyn for<'a> Fn({part}) -> {part} + Send + 'a>"),
        inner.map(lambda part: f"fn({part}) -> [{part}; {{ N + 1 }}]"),
        inner.map(lambda part: f"impl Iterator<Item = {part}>"),
    ),
    max_leaves=6,
)
SPELLINGS = TYPES.map(lambda text: spelling(text.encode()))
TOKENS = st.lists(
    st.sampled_from(
        ("a", "match", "1", "1.5", "'x'", "'a", '"s // {"', 'r#"x"#', "b'x'", *"=,;:.+-*/&|!<>#$")
    ),
    min_size=1,
    max_size=8,
)
GROUPS = st.recursive(
    TOKENS,
    lambda inner: inner.map(lambda part: ["(", *part, ")"]),
    max_leaves=3,
).map(tuple)
PLAIN_STEPS = st.builds(Name, NAMES, st.one_of(st.just(()), SPELLINGS))
STEPS = st.one_of(PLAIN_STEPS, st.builds(Qualified, SPELLINGS, st.one_of(st.just(()), SPELLINGS)))
LAST_STEPS = st.one_of(
    st.builds(Block, SPELLINGS, st.one_of(st.just(()), SPELLINGS)),
    st.builds(ForeignBlock, st.sampled_from(("", '"C"', 'r"C"')), st.one_of(st.just(""), NAMES)),
    st.builds(Call, NAMES, st.one_of(st.just(()), GROUPS)),
)
NARROWED = st.builds(
    Address,
    st.tuples(st.lists(STEPS, max_size=2).map(tuple), PLAIN_STEPS).map(lambda p: (*p[0], p[1])),
    st.sampled_from((None, Kind.FN, Kind.STRUCT, Kind.EXTERN_CRATE, Kind.VARIANT, Kind.MACRO)),
    st.lists(GROUPS, max_size=2).map(tuple),
)
WHOLE = st.builds(
    Address,
    st.tuples(st.lists(STEPS, max_size=2).map(tuple), LAST_STEPS).map(lambda p: (*p[0], p[1])),
)


@unhurried
@given(st.one_of(NARROWED, WHOLE))
def test_an_address_prints_and_parses_back(address: Address) -> None:
    assert Address.parse(str(address)) == address


@unhurried
@given(st.one_of(st.text(), st.text("aB:<>()[]{}!#'\"/*, \u00e9\u0301=fnimplousextr")))
def test_any_text_is_an_address_that_prints_and_parses_back_or_is_refused(text: str) -> None:
    try:
        address = Address.parse(text)
    except BadAddress as error:
        assert len(str(error).splitlines()) == 1
        return
    assert Address.parse(str(address)) == address


@unhurried
@given(TYPES)
def test_a_type_covers_itself_and_its_short_form_covers_it(text: str) -> None:
    full = spelling(text.encode())
    assert covers(full, full)
    assert covers(erased(full), full)
    assert erased(erased(full)) == erased(full)
    assert spelling(written(full).encode()) == full


@unhurried
@given(TYPES, TYPES)
def test_a_type_covers_no_shorter_one(one: str, other: str) -> None:
    first, second = spelling(one.encode()), spelling(other.encode())
    if covers(first, second):
        assert len(first) <= len(second)
        assert covers(erased(first), second)


@unhurried
@given(st.text(alphabet="aré'\"/*#!rb0.<>{}() \n\\", max_size=60))
def test_the_tokens_of_any_text_are_in_order_and_leave_out_white_space_alone(text: str) -> None:
    code = text.encode()
    found = list(tokens(b" " + code))
    assert [token.start for token in found] == sorted({token.start for token in found})
    end = 0
    for token in found:
        assert not (b" " + code)[end : token.start].strip()
        assert (b" " + code)[token.start : token.end] == token.raw
        end = token.end
    assert not (b" " + code)[end:].strip()


@unhurried
@given(
    st.binary(max_size=80),
    st.lists(
        st.sampled_from(
            (
                "fn f() {",
                "}",
                "impl X",
                "#[a]",
                "mod m {",
                "/// d",
                "struct S;",
                "(",
                ";",
                "'a",
                '"',
                "use a;",
            )
        ),
        max_size=12,
    ).map(" ".join),
)
def test_no_file_is_too_broken_to_be_read(noise: bytes, text: str) -> None:
    code = noise.decode("utf-8", "ignore").encode() + b"\n" + text.encode()
    file = RustFile(code)
    for item in file.items:
        assert 0 <= item.start <= item.outer <= item.decl < item.end <= len(code)
