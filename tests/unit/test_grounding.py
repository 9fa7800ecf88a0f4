from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_flowcorpus import grounding
from pytest_flowcorpus.corpus import OpenCorpus, Override, load_corpus
from pytest_flowcorpus.draft import Draft
from pytest_flowcorpus.evidence import Evidence, Ground
from pytest_flowcorpus.example import Example, Hop, Verdict
from pytest_flowcorpus.spans import Span

TOML = """
system = "x"
[source]
path = "rust"
root = "src"
search = ["tests/*.rs"]
[limits]
words_a_span = 10
own_spans = 50
"""

STORE = """\
use std::collections::HashMap;
use outside::{Loud as _, Quiet, Renamed as Alias};

pub struct Store<T> {
    rows: HashMap<u8, T>,
}

impl<T> Store<T> {
    /// Puts, unlike `shelve`.
    pub fn put(&mut self, row: T) -> Result<()> {
        // never calls forget()
        let left = 5 * 60;
        tracing::error!("limit_reached");
        self.rows.insert(0, row).hush(left);
        Error::full()
    }

    pub fn take(&self) -> Alias {}
}

pub trait Keep {
    const MOST: u8;
    fn keep(&self) {}
}

impl<T> Keep for Store<T> {
    const MOST: u8 = 1;
}
"""

ERROR = """\
pub enum Error { Full, Http(u8) }
pub struct HttpError;

impl Error {
    pub fn full() -> Self {}
    pub fn generic() -> Self {}
}

impl HttpError {
    pub fn not_found() -> Self {}
}

impl From<HttpError> for Error {
    fn from(error: HttpError) -> Self {}
}

impl From<u8> for Error {
    fn from(error: u8) -> Self {}
}

macro_rules! kv_def { ($name:ident) => { pub struct $name(u8); impl $name { fn of() {} } } }
kv_def!(AppKey);
kv_def!(keys::kVal);
"""

TESTS = """\
#[test]
fn test_put_fails_when_full() {
    std::thread::sleep(Duration::from_secs(1));
    foreign::Error::Other;
}
"""

OWN = ("Store", "Store::put", "Store::take")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> OpenCorpus:
    folder = tmp_path_factory.mktemp("corpus")
    files = {
        "flowcorpus.toml": TOML,
        "rust/Cargo.toml": '[package]\nname = "relay"\n',
        "rust/src/lib.rs": "pub mod core;\npub mod error;\n",
        "rust/src/core/mod.rs": "pub mod store;\n",
        "rust/src/core/store.rs": STORE,
        "rust/src/error.rs": ERROR,
        "rust/tests/e2e.rs": TESTS,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_corpus(folder).open(Override())


def take(draft: Draft, path: str, address: str) -> None:
    code = draft.opened.file(path)
    draft.open(code)
    draft.take(code, code.rust.find(address))


def draft_of(opened: OpenCorpus, request: str = "Please.", thought: str = "Well.") -> Draft:
    draft = Draft("flow_x.py::flow_x", "X", opened)
    for path, address in (
        *(("src/core/store.rs", address) for address in OWN),
        ("src/error.rs", "<Error as From<HttpError>>::from"),
        ("src/error.rs", "kv_def!(AppKey)"),
    ):
        take(draft, path, address)
    draft.add_request(request)
    draft.add_thought(thought, ())
    return draft


def with_hops(example: Example, *hops: Hop) -> Example:
    return replace(example, thoughts=(replace(example.thoughts[0], questions=hops),))


def hop(callee: str, verdict: Verdict = Verdict.RESOLVED, means: str = "calls") -> Hop:
    return Hop("src/core/store.rs::Store::put", callee, means, verdict)


@pytest.fixture(scope="module")
def evidence(opened: OpenCorpus) -> Evidence:
    example = with_hops(
        draft_of(opened).example(),
        hop("src/core/store.rs::Keep::keep"),
        hop("src/error.rs::Error::generic"),
        hop("src/core/store.rs::Keep::MOST", Verdict.ABSENT),
    )
    return Evidence(example, opened)


def ground(evidence: Evidence, text: str) -> Ground:
    return evidence.ground(Span(text))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("put", Ground.EXCERPT),
        ("put()", Ground.EXCERPT),
        ("row", Ground.EXCERPT),
        ("HashMap", Ground.EXCERPT),
        ("self", Ground.EXCERPT),
        ("r#row", Ground.EXCERPT),
        ("keep", Ground.HOP),
        ("generic", Ground.HOP),
        ("test_put_fails_when_full", Ground.TEST),
        ("store", Ground.FILE),
        ("store.rs", Ground.FILE),
        ("core/store.rs", Ground.FILE),
        ("core", Ground.FILE),
        ("e2e", Ground.FILE),
    ],
)
def test_a_name_stands_in_the_excerpts_ends_a_hop_or_is_a_test_or_a_file(
    evidence: Evidence, text: str, what: Ground
) -> None:
    assert ground(evidence, text) is what


@pytest.mark.parametrize(
    "text",
    [
        "pu",  # a part of a token
        "ut",
        "Put",  # the wrong case
        "put_row",  # invented
        "puts",
        "shelve",  # only in a doc comment
        "forget",  # only in a comment
        "limit_reached",  # only inside a text
        "not_found",  # elsewhere in the source
        "MOST",  # the end of a hop that is not there
        "test_put",  # a shortened test
        "stor",
        "",
    ],
)
def test_no_other_name_does(evidence: Evidence, text: str) -> None:
    assert ground(evidence, text) is Ground.NOWHERE


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Store::put", Ground.EXCERPT),
        ("store::Store", Ground.EXCERPT),
        ("core::store::Store::put()", Ground.EXCERPT),
        ("crate::core::store::Store", Ground.EXCERPT),
        ("Store::<T>::put", Ground.EXCERPT),
        ("Store<T>::put", Ground.EXCERPT),
        ("Error::full", Ground.EXCERPT),
        ("tracing::error!", Ground.EXCERPT),
        ("tracing::error", Ground.EXCERPT),
        ("Keep::keep", Ground.HOP),
        ("HttpError::not_found", Ground.SOURCE),
        ("error::HttpError", Ground.SOURCE),
        ("Error::Http", Ground.SOURCE),
        ("AppKey::of", Ground.SOURCE),
        ("Duration::from_secs", Ground.SOURCE),
        ("std::thread::sleep()", Ground.SOURCE),
    ],
)
def test_a_path_is_resolved_as_one(evidence: Evidence, text: str, what: Ground) -> None:
    assert ground(evidence, text) is what


@pytest.mark.parametrize(
    "text",
    [
        "HttpError::generic",  # real names, the wrong type before one
        "Store::full",
        "Error::not_found",
        "Error::Other",  # of a foreign `Error` only
        "Duration::put",
        "Stor::put",
        "store::put",
        "Store::pu",
        "store::HttpError",
        "Httperror::not_found",
        "Self::full",
        "Store<Row>::put",  # an invented name between angle brackets
        "Error::full!",
        "a::b",
        "Duration::from_sec",
        "Store::put::more",
    ],
)
def test_no_other_path_does(evidence: Evidence, text: str) -> None:
    assert ground(evidence, text) is Ground.NOWHERE


@pytest.mark.parametrize(
    "text",
    [
        "5 * 60",
        "5*60",
        '"limit_reached"',
        "Result<()>",
        "&mut self",
        "-> Result<()>",
        ".insert(0, row)",
        'tracing::error!("limit_reached")',
        "<Error as From<HttpError>>::from",
        "impl From<HttpError> for Error",
        "From<HttpError>",
        "kv_def!(AppKey)",
        "rows: HashMap<u8, T>",
    ],
)
def test_anything_else_is_a_sequence_of_whole_tokens(evidence: Evidence, text: str) -> None:
    assert ground(evidence, text) is Ground.EXCERPT


@pytest.mark.parametrize(
    "text",
    [
        "5 * 6",
        '"limit_reach"',
        "/limit_reached/",
        ".insert(0)",
        ".inser(0, row)",
        "Result<(T)>",
        "?",
        "->",
        "=> {}",
        "rows // shelve",
        "// never calls forget()",
        "POST /api/v1/app",
        "<Error as From<Store>>::from",
        "<HttpError as From<Error>>::from",
        "\0",
        "\ud800",
    ],
)
def test_no_other_sequence_does(evidence: Evidence, text: str) -> None:
    assert ground(evidence, text) is Ground.NOWHERE


def problems(draft: Draft, *hops: Hop) -> dict[str, list[str]]:
    example = with_hops(draft.example(), *hops)
    found: dict[str, list[str]] = {}
    for breach in grounding.breaches(grounding.Prose.of(draft, example, "corpus/flow_x.py")):
        found.setdefault(breach.rule, []).append(breach.problem)
    return found


GOOD = "`Store::put` comes before `take`, `From<HttpError>` by `from` and `AppKey`, `Store`."


def test_prose_of_which_all_is_real_has_no_problem(opened: OpenCorpus) -> None:
    assert problems(draft_of(opened, thought=GOOD)) == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "`pot`",
            "`pot` is no name of the flow's excerpts, no test and no file; near it: `put`",
        ),
        ("`PUT`", "near it: `put`"),
        ("`test_put_fails_when`", "near it: `test_put_fails_when_full`"),
        (
            "`not_found`",
            "`not_found` is none of the names in the flow's excerpts; it stands in src/error.rs",
        ),
        (
            "`HttpError::generic`",
            "`HttpError::generic` is no path of the source; near it: `Error::generic`",
        ),
        ("Error::ful", "`Error::ful` is no path of the source; near it: `Error::full`"),
        (
            "`self.rows.remove(0)`",
            "`self.rows.remove(0)` does not stand in the flow's excerpts: they hold no `remove`",
        ),
        ("`row.rows`", "`row.rows` does not stand in the flow's excerpts, token by token"),
        ("`?`", "`?` is no code: it has neither a name nor a literal"),
        ("`row /* x */`", "`row /* x */` holds a comment, and a comment is no code"),
        ("`row", "`` ` `` opens a code span that nothing closes"),
        ("``a`\u202eb``", "`` a`\\u202eb `` does not stand in the flow's excerpts"),
        ("`put \u200b`", "they hold no `\\u200b`"),
        (
            "```\nrow.rows;\n```",
            "token by token; a fenced block is Rust unless it names another language",
        ),
    ],
)
def test_what_is_not_real_is_told_with_the_nearest_that_is(
    opened: OpenCorpus, text: str, complaint: str
) -> None:
    found = problems(draft_of(opened, thought=f"{GOOD}\n\n{text}"))
    assert list(found) == ["grounding"]
    assert all(problem.isprintable() for problem in found["grounding"])
    assert complaint in found["grounding"][0]


@given(st.text("Storeput:<>()!.&' \"/*#\u200b\ud800`~\n", max_size=40))
@settings(max_examples=200)
def test_any_text_is_judged_in_printable_words(opened: OpenCorpus, text: str) -> None:
    found = problems(draft_of(opened, request=text, thought=text or "x"))
    assert all(problem.isprintable() for rule in found.values() for problem in rule)


def test_the_request_is_held_against_the_code_too(opened: OpenCorpus) -> None:
    found = problems(draft_of(opened, request="Do `pot` and `shelve`", thought=GOOD))
    assert [problem.split()[1] for problem in found["grounding"]] == ["`pot`", "`shelve`"]


def test_every_problem_is_told_at_once_with_its_place(opened: OpenCorpus) -> None:
    draft = draft_of(opened, request="`pot`", thought=f"{GOOD} `a` b::c")
    (opened.corpus.folder / "flow_x.py").write_text(
        f'flow.request("`pot`")\nflow.think("""\n{GOOD}\n  `a` b::c\n""")\n'
    )
    places = [problem.split(": ")[0] for problem in problems(draft)["grounding"]]
    assert places == ["corpus/flow_x.py:1:15", "corpus/flow_x.py:4:3", "corpus/flow_x.py:4:7"]


def test_a_long_span_is_shortened(opened: OpenCorpus) -> None:
    [problem] = problems(draft_of(opened, thought=f"{GOOD} `{'x' * 500}`"))["grounding"]
    assert f"`{'x' * 99}…`" in problem
    [problem] = problems(draft_of(opened, thought=f"{GOOD} `{'x' * 100}`"))["grounding"]
    assert f"`{'x' * 100}`" in problem


WORDS = "word " * 8


@pytest.mark.parametrize(("count", "is_dense"), [(6, True), (7, False)])
def test_a_span_is_asked_for_every_so_many_words(
    opened: OpenCorpus, count: int, *, is_dense: bool
) -> None:
    thought = f"{GOOD} `pot` {WORDS * count}"
    words = len(thought.split())
    found = problems(draft_of(opened, thought=thought)).get("span_density", [])
    told = (
        f"its reasoning has 6 grounded code spans in {words} words; one for each 10 words, or part "
        "of them, makes 7 ([limits] words_a_span)"
    )
    assert (words <= 60) is is_dense
    assert found == ([] if is_dense else [told])


def test_one_word_more_than_the_spans_allow_is_too_many(opened: OpenCorpus) -> None:
    most = f"{GOOD} {'word ' * (60 - len(GOOD.split()))}"
    assert "span_density" not in problems(draft_of(opened, thought=most))
    assert "span_density" in problems(draft_of(opened, thought=f"{most} word"))


def test_one_span_less_than_half_is_too_few_in_a_long_text_too(opened: OpenCorpus) -> None:
    half = " ".join(["`Error::Http` `put`"] * 100)
    assert "own_spans" not in problems(draft_of(opened, thought=half))
    [problem] = problems(draft_of(opened, thought=f"{half} `Error::Http`"))["own_spans"]
    assert problem.startswith("100 of the 201 code spans")


def test_of_the_spans_from_elsewhere_the_six_most_frequent_are_told(opened: OpenCorpus) -> None:
    names = [
        *("HttpError::not_found", "error::HttpError", "Error::Http", "Duration::from_secs"),
        *("AppKey::of", "error::Error", "Error::generic"),
    ]
    said = " ".join(f"`{name}`" for at, name in enumerate(names) for _ in range(9 - at))
    [problem] = problems(draft_of(opened, thought=f"`put` {said}"))["own_spans"]
    told = ", ".join(f"`{name}`" for name in names[:6])
    assert problem.endswith(f"From elsewhere: {told}")


def test_spans_from_elsewhere_are_few_and_tests_and_files_do_not_count(
    opened: OpenCorpus,
) -> None:
    elsewhere = "`HttpError::not_found` `error::HttpError` `Error::Http` `Duration::from_secs`"
    most = f"{GOOD} {elsewhere} `Error::Http` `AppKey::of` `test_put_fails_when_full` `store.rs`"
    assert "own_spans" not in problems(draft_of(opened, thought=most))
    [problem] = problems(draft_of(opened, thought=f"{most} `Error::Http`"))["own_spans"]
    assert problem == (
        "6 of the 13 code spans in its reasoning are of its own excerpts or where its hops lead; "
        "50 % are the least ([limits] own_spans). From elsewhere: `Error::Http`, "
        "`HttpError::not_found`, `error::HttpError`, `Duration::from_secs`, `AppKey::of`"
    )


def test_keywords_are_real_but_weigh_nothing(opened: OpenCorpus) -> None:
    found = problems(draft_of(opened, thought=" ".join(["`pub`", "`fn`"] * 60)))
    assert "grounding" not in found
    assert "span_density" in found


def test_every_fragment_is_named_or_is_an_end_of_a_hop(opened: OpenCorpus) -> None:
    draft = draft_of(opened, thought="`put` and not putting takes `from_secs`")
    silent = [problem.split()[0] for problem in problems(draft)["spoken_of"]]
    assert silent == [
        "src/core/store.rs::Store",
        "src/core/store.rs::Store::take",
        "src/error.rs::<Error",
        "src/error.rs::kv_def!(AppKey)",
    ]
    proven = hop("src/core/store.rs::Store::take"), hop("src/core/store.rs::Store", Verdict.ABSENT)
    silent = [problem.split()[0] for problem in problems(draft, *proven)["spoken_of"]]
    assert "src/core/store.rs::Store::take" not in silent
    assert "src/core/store.rs::Store" in silent


def test_an_impl_is_spoken_of_by_its_type_and_imports_are_not_asked_for(
    opened: OpenCorpus,
) -> None:
    draft = draft_of(opened, thought=GOOD)
    take(draft, "src/core/store.rs", "use")
    take(draft, "src/core/store.rs", "impl Keep for Store")
    assert problems(draft) == {}
    draft = draft_of(opened, thought=GOOD.replace("Store::", "").replace("`Store`", ""))
    take(draft, "src/core/store.rs", "impl Keep for Store")
    assert any("::impl Keep for Store is" in line for line in problems(draft)["spoken_of"])


def test_a_macro_call_is_spoken_of_by_any_name_that_it_is_given(opened: OpenCorpus) -> None:
    silent, spoken = draft_of(opened, thought=GOOD), draft_of(opened, thought=f"{GOOD} `kVal`")
    for draft in (silent, spoken):
        take(draft, "src/error.rs", "kv_def!(keys::kVal)")
    assert problems(spoken) == {}
    [problem] = problems(silent)["spoken_of"]
    assert problem.startswith("src/error.rs::kv_def!(keys::kVal) is never spoken of: name ")
    assert problem.partition(": name ")[2].startswith("`keys` in a code span")


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        ("Please put it in the store.", []),
        ("An AppKey for `Store`", ["AppKey"]),
        ("Use Store::put, take it", ["Store::put"]),
        ("Use HttpError", ["HttpError"]),
        ("An appkey, AppKeys or kv-def", []),
        ("a kv_def", ["kv_def"]),
        ("a kVal", ["kVal"]),
        ("by core::store::Store::take", ["core::store::Store::take"]),
        ("by core::store::taken", []),
    ],
)
def test_the_request_says_no_coined_name_of_an_extracted_item(
    opened: OpenCorpus, request_: str, names: list[str]
) -> None:
    draft = draft_of(opened, request=request_, thought=GOOD)
    take(draft, "src/error.rs", "kv_def!(keys::kVal)")
    found = problems(draft)
    told = [f"its request says `{name}`" for name in names]
    assert [problem.split(",")[0] for problem in found.get("request_identifiers", [])] == told


@pytest.mark.parametrize(
    ("via", "is_real"),
    [
        ("Keep::keep", True),
        ("Quiet::hush", True),  # imported, and called as a method
        ("outside::Quiet::hush", True),
        ("Duration::from_secs", True),
        ("hush", False),
        ("Error::full", False),  # the callee itself
        ("Quiet::insist", False),
        ("Quiet::limit_reached", False),
        ("Unheard::hush", False),
        ("some prose", False),
    ],
)
def test_the_way_of_a_stated_hop_is_a_path_or_a_method_of_an_imported_trait(
    opened: OpenCorpus, via: str, *, is_real: bool
) -> None:
    draft = draft_of(opened, thought=GOOD)
    (opened.corpus.folder / "flow_x.py").write_text(f'\nflow.hop(a, b, via="{via}")\n')
    stated = hop("src/error.rs::Error::full", Verdict.STATED, via)
    found = problems(draft, stated).get("grounding", [])
    assert len(found) == (not is_real)
    assert all(p.startswith(f"corpus/flow_x.py:2: a hop goes through `{via}`,") for p in found)


@pytest.mark.parametrize(
    ("via", "is_real"),
    [
        *(("From::from", True), ("From", True), ("From::into", False), ("Into::from", False)),
        *(("Error::from", False), ("from", False), ("HttpError", False)),
    ],
)
def test_the_way_of_a_stated_hop_can_be_the_trait_of_its_callee(
    opened: OpenCorpus, via: str, *, is_real: bool
) -> None:
    stated = hop("src/error.rs::<Error as From<HttpError>>::from", Verdict.STATED, via)
    found = problems(draft_of(opened, thought=GOOD), stated).get("grounding", [])
    assert len(found) == (not is_real)


@pytest.mark.parametrize("callee", ["go", "inner::go", "kv_def!(a.rs::UserKey)"])
def test_what_is_no_member_is_no_way_to_itself(opened: OpenCorpus, callee: str) -> None:
    hops = [hop(f"src/error.rs::{callee}", Verdict.STATED, via) for via in ("Keep::keep", "go")]
    [problem] = problems(draft_of(opened, thought=GOOD), *hops)["grounding"]
    assert "through `go`, which is a single name" in problem


@pytest.mark.parametrize(
    ("via", "is_real"),
    [("Display", True), ("Display::fmt", True), ("fmt", False), ("fmt::fmt", False)],
)
def test_a_trait_is_known_by_its_last_name(opened: OpenCorpus, via: str, *, is_real: bool) -> None:
    stated = hop("src/error.rs::<Error as fmt::Display>::fmt", Verdict.STATED, via)
    found = problems(draft_of(opened, thought=GOOD), stated).get("grounding", [])
    assert len(found) == (not is_real)


def test_where_the_caller_is_no_fragment_the_way_is_a_path_of_the_source(
    opened: OpenCorpus,
) -> None:
    hops = [
        replace(hop("src/error.rs::Error::full", Verdict.STATED, via), caller="src/error.rs::x")
        for via in ("Quiet::hush", "Duration::from_secs")
    ]
    [problem] = problems(draft_of(opened, thought=GOOD), *hops)["grounding"]
    assert "through `Quiet::hush`, which is no path of the source" in problem


def test_each_way_that_is_not_real_is_told_whatever_hops_stand_before_it(
    opened: OpenCorpus,
) -> None:
    full = "src/error.rs::Error::full"
    hops = (
        hop("src/core/store.rs::Store::take"),
        hop(full, Verdict.STATED, "Keep::keep"),
        hop(full, Verdict.STATED, "Quiet::insist"),
        hop(full, Verdict.STATED, "Error::full"),
        hop(full, Verdict.STATED, "hush"),
    )
    told = problems(draft_of(opened, thought=GOOD), *hops)["grounding"]
    assert [problem.partition(": a hop goes through ")[2] for problem in told] == [
        "`Quiet::insist`, which is no path of the source; near it: `insert`",
        (
            "`Error::full`, which is the callee itself: name the trait, method or variant that "
            "leads there"
        ),
        "`hush`, which is a single name: give a path, such as `Type::method` or `module::Type`",
    ]


def test_what_is_never_spoken_of_is_told_with_what_to_do(opened: OpenCorpus) -> None:
    [problem] = problems(draft_of(opened, thought=GOOD.replace("`take`", "`from`")))["spoken_of"]
    assert problem == (
        "src/core/store.rs::Store::take is never spoken of: name `take` in a code span of the "
        "reasoning, prove a hop from or to it, or leave it out"
    )


def test_all_rules_but_the_one_for_what_is_not_real_can_be_relaxed(opened: OpenCorpus) -> None:
    thought = f"{WORDS * 9} `pot` `HttpError::not_found`"
    found = problems(draft_of(opened, request="AppKey", thought=thought))
    assert {*found} - {"grounding"} == {*grounding.RELAXABLE}


def test_a_spec_that_is_gone_is_told_without_lines(opened: OpenCorpus) -> None:
    Path(opened.corpus.folder / "flow_x.py").unlink(missing_ok=True)
    [problem] = problems(draft_of(opened, thought=f"{GOOD} `pot`"))["grounding"]
    assert problem.startswith("corpus/flow_x.py: `pot`")
