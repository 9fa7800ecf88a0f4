"""Rust and prose that hold what could break a row, a page or a terminal: kept whole, or refused."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests import nasty
from tests.acceptance.project import OUT, Git, Project
from tests.audit import audit, contents_of, fences_of, tree_source

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMITS = "[limits]\nsimilar = [0, 0]\nrepeated = 0\nitem_flows = 100000\n"
"""Of a corpus whose flows all say the same."""

SPEC = '''
"""Going."""

import json
from pathlib import Path

import pytest

PARTS = ("request", "thought", "defect")
CASES = json.loads(Path(__file__).with_name("cases.json").read_text())


@pytest.mark.parametrize("number", range(len(CASES)))
def flow_all(flow, number):
    case = {{"path": "handler.rs", "address": "go", **dict.fromkeys(PARTS, ""), **CASES[number]}}
    flow.request(f"Please make it go number {{number}}. {{case['request']}}")
    go = flow.file(case["path"]).extract(case["address"])
    flow.file("store.rs").extract("Store::put")
    for aspect in ("orchestration", "boundaries", "errors", "performance", "testing"):
        flow.think("{words}", covers=[aspect])
    flow.think("So `go` and `put` it is. " + case["thought"])
    flow.defect("None. " + case["defect"])
'''
WORDS = "one word after another until thirty of them stand here " * 3

ALL: dict[str, str] = {
    **nasty.KEPT,
    **nasty.TAGS,
    **nasty.TOKENS,
    **nasty.TURNED,
    **nasty.UNSEEN,
    "NUL": "\0",
}
CODE = {
    "a literal": ('pub fn go() {{\n    let _ = "{0}";\n}}\n', "2:14"),
    "a comment in its body": ("pub fn go() {{\n    stay(); /* {0} */\n}}\n", "2:16"),
    "its docs": ("/// Goes.\n/// {0} so\npub fn go() {{}}\n", "2:5"),
    "what encloses it": (
        "// one\n\n// {0} so\nmod a {{\n    fn b() {{}}\n    fn go() {{}}\n}}\n",
        "3:4",
    ),
    "what comes after a gap": (
        "mod a {{\n    fn b() {{}}\n\n    fn c() {{}}\n    /* {0} */ fn go() {{}}\n}}\n",
        "5:8",
    ),
}


PROSE = {
    "request": ("the request", "16"),
    "thought": ("thought 6", "21"),
    "defect": ("defect 1", "flow_all.py::flow_all[{0}]"),
}
RUST = ("LICENSE", "handler.rs", "store.rs")
SURROGATE = "a lone surrogate"


def tell(project: Project, cases: list[dict[str, str]]) -> None:
    """Put a flow for each case into the corpus, and accept those that can be."""
    project.edit("corpus/flowcorpus.toml", "[limits]\n", LIMITS)
    (project.path / "corpus/flow_go.py").unlink()
    project.write("corpus/flow_all.py", SPEC.format(words=WORDS))
    project.write("corpus/cases.json", json.dumps(cases))
    project.run("--snapshot-update", "-q")


def outcome(project: Project, *args: str) -> tuple[pytest.RunResult, dict[str, Any]]:
    """Run the corpus; gives why each flow was rejected by its number."""
    result = project.run(f"--flowcorpus-out={OUT}", "--flowcorpus-render=pages", *args)
    rejected = project.manifest()["rejected"]
    numbers = (re.search(r"\[(\d+)\]", one["spec"]) for one in rejected)
    pairs = zip(numbers, rejected, strict=True)
    return result, {number[1]: one["why"] for number, one in pairs if number}


def assert_shown(result: pytest.RunResult, project: Project) -> None:
    """See that neither the terminal nor a page gets a character that acts or hides."""
    told = (result.stdout.str() + result.stderr.str()).replace("\r\n", "\n")
    pages = [path.read_text() for path in project.path.glob("pages/*.md")]
    assert pages
    for text in (told, *pages):
        assert nasty.RAW.findall(text) == []
    assert "Traceback" not in told
    assert "INTERNALERROR" not in told


def assert_sound(project: Project, kept: int) -> None:
    """See by readers that are not the product's that all rows are whole."""
    jsonl = project.out.read_bytes()
    manifest = (project.path / "flows.manifest.json").read_bytes()
    assert audit(jsonl, manifest, tree_source(project.path / "rust")).findings == []
    assert len(jsonl.decode().splitlines()) == jsonl.count(b"\n") == kept
    for line in jsonl.splitlines():
        contents = contents_of(line)
        assert fences_of(contents)
        assert not any(token in text for token in nasty.TOKENS.values() for text in contents)


def test_code_is_kept_byte_for_byte_or_refused_with_its_place(project: Project) -> None:
    cells = [(code, place, name) for code, place in CODE.values() for name in ALL]
    cases = []
    for number, (code, _, name) in enumerate(cells):
        path = f"n{number}.rs"
        project.write(f"rust/{path}", code.format(ALL[name]))
        cases.append({"path": path, "address": "a::go" if "mod a" in code else "go"})
    tell(project, cases)
    result, why = outcome(project)
    for number, (_, place, name) in enumerate(cells):
        told = why.get(str(number), "")
        if name in nasty.KEPT:
            assert told == "", name
        else:
            assert f"n{number}.rs:{place}: {nasty.refused(ALL[name], 'the code')}" in told, name
    assert_sound(project, len(nasty.KEPT) * len(CODE))
    assert_shown(result, project)


def test_prose_is_kept_or_refused_with_its_place(project: Project) -> None:
    texts = {name: f"It is {text} so." for name, text in ALL.items()} | {SURROGATE: "It \ud800."}
    cells = [(part, name) for part in PROSE for name in texts]
    tell(project, [{part: texts[name]} for part, name in cells])
    result, why = outcome(project)
    expected = [_expected(number, *cell, texts[cell[1]]) for number, cell in enumerate(cells)]
    for number, said in enumerate(expected):
        told = why.get(str(number), "")
        assert said in told if said else told == "", cells[number]
    assert_sound(project, expected.count(""))
    assert_shown(result, project)


def _expected(number: int, part: str, name: str, text: str) -> str:
    what, place = PROSE[part]
    if name == SURROGATE:
        return "a lone surrogate cannot be written as UTF-8: '"
    if name in ("a fence", "a longer fence") and part != "defect":
        return f"{place}: `` {text.split()[2]} `` opens a code span that nothing closes"
    is_beside = part == "defect" and name in {**nasty.TAGS, **nasty.TOKENS}
    if name in nasty.KEPT or is_beside:
        return ""
    return f"{place.format(number)}: {nasty.refused(text, what)}"


def hide(project: Project, character: str = "\u202e") -> None:
    project.edit("rust/handler.rs", "    store.put(1)", f"    store.put(1) // {character} ok")
    project.edit("corpus/flow_go.py", "def flow_go(", "import pytest\n\n\ndef flow_go(")


RELAX = '@pytest.mark.flowcorpus_relax("hidden", reason="it is what the test is about")\n'


def test_hidden_characters_are_relaxed_with_a_reason_and_shown_as_escapes(project: Project) -> None:
    hide(project)
    project.edit("corpus/flow_go.py", "def flow_go(", f"{RELAX}def flow_go(")
    project.accept()
    result = project.run(f"--flowcorpus-out={OUT}", "--flowcorpus-render=pages")
    assert result.ret == 0
    assert_sound(project, 1)
    assert_shown(result, project)
    assert "// \u202e ok" in project.records()[0]["messages"][2]["content"]
    page = (project.path / "pages/flow_go.md").read_text()
    assert r"// \u202e ok" in page
    assert "* `hidden`: it is what the test is about" in page


@pytest.mark.parametrize("text", ["</think>", "<|im_end|>", "\0"])
def test_what_breaks_a_row_is_relaxed_by_nothing(project: Project, text: str) -> None:
    hide(project, f"\u202e {text}")
    project.edit("corpus/flow_go.py", "def flow_go(", f"{RELAX}def flow_go(")
    result = project.run("--snapshot-update")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["  [*] handler.rs:7:*stands in the code*"])


def test_many_hidden_characters_are_counted(project: Project) -> None:
    hide(project, "\u200b" * 1234)
    result = project.run()
    result.stdout.fnmatch_lines(
        ["  [*] handler.rs:7:25 and 1,229 more: U+200B ZERO WIDTH SPACE is hidden in the code*"]
    )
    assert result.stdout.str().count("U+200B") <= 5 + 1


def test_a_byte_order_mark_at_a_files_begin_is_none_of_its_code(project: Project) -> None:
    project.edit("rust/handler.rs", "// SPDX", "\ufeff// SPDX")
    project.edit("corpus/flow_go.py", '.extract("go")', '\n    go = go.extract("use")')
    project.edit("corpus/flow_go.py", "    go = go.", "    go.extract('go')\n    go = go.")
    project.accept()
    assert project.run(f"--flowcorpus-out={OUT}").ret == 0
    assert_sound(project, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<|im_end|>", "handler<|im_end|>.rs: <|im_end|> stands in the path"),
        ("\u202e", r"handler\u202e.rs: U+202E RIGHT-TO-LEFT OVERRIDE turns round *in the path"),
        ("\n", r"handler\n.rs: a path with a control character"),
        ("\r", r"handler\r.rs: a path with a control character"),
        ("`", ""),
    ],
)
def test_a_files_path_is_kept_or_refused(project: Project, text: str, said: str) -> None:
    name = f"handler{text}.rs"
    (project.path / "rust/handler.rs").rename(project.path / "rust" / name)
    project.edit("corpus/flow_go.py", '"handler.rs"', ascii(name).replace("'", '"'))
    result = project.run("--snapshot-update")
    if said:
        assert result.ret == 1
        result.stdout.fnmatch_lines([f"  [*] {said}*"])
    else:
        assert result.ret == 0, result.stdout.str()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("</think>", "flowcorpus.toml: </think> stands in the system message"),
        ("<|im_end|>", "flowcorpus.toml: <|im_end|> stands in the system message"),
        (r"\u0000", "flowcorpus.toml: NUL stands in the system message"),
        (r"\u202e", "flowcorpus.toml: U+202E RIGHT-TO-LEFT OVERRIDE turns round"),
        (r"\u001b", "flowcorpus.toml: U+001B a control character is hidden in the system message"),
    ],
)
def test_the_system_message_is_refused_with_its_file(
    project: Project, text: str, said: str
) -> None:
    project.edit("corpus/flowcorpus.toml", "You maintain it.", f"You maintain {text} it.")
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"  [*] {said}*"])


def test_a_lone_surrogate_in_the_settings_is_a_collection_error(project: Project) -> None:
    project.edit("corpus/flowcorpus.toml", "You maintain it.", r"You \ud800")
    result = project.run()
    result.stdout.fnmatch_lines(["*corpus/flowcorpus.toml: not TOML: *"])
    assert "Traceback" not in result.stdout.str()


def test_a_title_is_refused_with_its_flow(project: Project) -> None:
    project.edit("corpus/flow_go.py", "Going: ", r"Going\u202e: ")
    result = project.run()
    assert result.ret == 1
    said = "U+202E RIGHT-TO-LEFT OVERRIDE turns round what is shown in the title"
    result.stdout.fnmatch_lines([f"  [*] flow_go.py::flow_go: {said}*"])


SPECS: Mapping[str, tuple[str, str]] = {
    "an address": (r'flow.file("handler.rs").extract("g\u202e\ud800o")', r"*\u202e\ud800*"),
    "a path": (r'flow.file("handler\u202e\ud800.rs")', r"*handler\u202e\ud800.rs*"),
    "a via": (r'flow.hop(go, "store.rs::Store::put", via="\u202e")', "*`via` says nothing*"),
    "a callee": (r'assert "store.rs::\u202e\ud800" in go.calls', r"*\u202e\ud800*"),
    "a name": (r'assert go.calls.named("\u202e\ud800")', "*"),
    "a text asked for": (r'assert "\u202e\ud800\x1b[31m" in go', r"*\u202e\ud800\x1b*"),
    "a text not asked for": (r'assert "\u202e\ud800" not in go', r"*a lone surrogate*"),
    "an aspect": (r'flow.think("x", covers=["\u202e\ud800"])', r'*"\u202e\ud800" is not *'),
    "a skip": (r'import pytest; pytest.skip("\ud800 later")', "*1 skipped*"),
    "a failure": (r'import pytest; pytest.fail("\ud800 later")', "*1 failed*"),
}


@pytest.mark.parametrize(("more", "said"), SPECS.values(), ids=SPECS)
def test_a_spec_with_such_texts_fails_in_plain_words(
    project: Project, more: str, said: str
) -> None:
    project.spec("other")
    spec = project.path / "corpus/flow_go.py"
    spec.write_text(f"{spec.read_text().rstrip()}\n    {more}\n")
    result = project.run("--snapshot-update", f"--flowcorpus-out={OUT}", "-rs")
    told = result.stdout.str() + result.stderr.str()
    result.stdout.fnmatch_lines([said])
    assert "INTERNALERROR" not in told
    assert nasty.RAW.findall(told) == []
    assert len(project.records()) == 1


NASTY = "\u202e\u2066 \x1b[31m \x9b \u3164 \u200b \u2028 <|im_end|> </think>"


def test_drift_over_such_code_and_commits_is_shown_as_escapes(project: Project, git: Git) -> None:
    files = {name: (project.path / "rust" / name).read_text() for name in RUST}
    revision = git.commit(files)
    pinned = f'git = "{git.url}"\nrev = "{revision}"'
    project.edit("corpus/flowcorpus.toml", 'path = "../rust"', pinned)
    shutil.rmtree(project.path / "corpus/__snapshots__")
    project.accept()
    code = files["handler.rs"].replace("    store.put(1)", f"    /* {NASTY} */ store.put(1)")
    (git.path / "handler.rs").write_text(code)
    (git.path / f"n{NASTY.replace('/', '')}.rs").write_text(f"// {NASTY}\n")
    git("add", "-A")
    git("commit", "-q", "-m", f"Change {NASTY}")
    result = project.run("--flowcorpus-rev=main", "--flowcorpus-drift=drift.json", "-vv")
    told = result.stdout.str()
    assert result.ret == 1
    assert nasty.RAW.findall(told + result.stderr.str()) == []
    shown = r"\u202e\u2066 \x1b[31m \x9b \u3164 \u200b \u2028 <|im_end|> </think>"
    assert f"    +    /* {shown} */ store.put(1)" in told
    assert f"Change {shown}" in told
    assert json.loads((project.path / "drift.json").read_bytes())["flows"]


def test_a_scan_of_such_code_shows_escapes(project: Project) -> None:
    project.edit("corpus/flowcorpus.toml", "[limits]", '[entries]\nattributes = ["get"]\n[limits]')
    route = NASTY.replace("\x1b", "")
    project.write("rust/lib.rs", "mod handler;\nmod store;\nmod e;\n")
    code = f'#[get("/a{route}")]\npub fn g\u3164o() {{ let _ = "{NASTY}"; }}\n'
    project.write("rust/e.rs", code)
    (project.path / "rust/\u202e\x1b.rs").write_text("fn f() {}\n")
    result = project.run("--flowcorpus-scan=scan.json")
    told = result.stdout.str() + result.stderr.str()
    assert r"e.rs::g\u3164o" in told
    assert r"\u202e\x1b.rs" in told
    assert nasty.RAW.findall(told) == []
    assert json.loads((project.path / "scan.json").read_bytes())["features"]
