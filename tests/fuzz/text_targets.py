"""What holds of the prose, of settings and of the files that the product reads back."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from hypothesis import strategies as st

from pytest_flowcorpus import chatml, grounding, output, snapshot
from pytest_flowcorpus.chatml import RecordError
from pytest_flowcorpus.draft import Draft
from pytest_flowcorpus.jsonfile import JsonFile
from pytest_flowcorpus.output import Dataset, OutputError
from pytest_flowcorpus.rust import AddressError, Kind
from pytest_flowcorpus.rust.package import read_package
from pytest_flowcorpus.settings import SettingsError, load_settings
from pytest_flowcorpus.spans import Form, spans
from tests import audit
from tests.fuzz.soups import CODE, JSON, PROSE, edited
from tests.unit.examples import example
from tests.unit.memory import opened

if TYPE_CHECKING:
    from pytest_flowcorpus.corpus import OpenCorpus

GROUNDED = st.tuples(CODE, PROSE, PROSE)
EDITS = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.sampled_from(("insert", "delete", "double", "truncate")),
        st.integers(1, 30),
        st.sampled_from(('"', "{", "}", "[", "]", "\\", "\n", "```", "<think>", "</think>", "a")),
    ),
    min_size=1,
    max_size=3,
)
_LINE = chatml.dumps(example()).decode()


class _Record(NamedTuple):
    line: bytes
    entry: dict[str, Any]


_MANIFEST = b"".join(
    Dataset({}, whole=False, records=[_Record(_LINE.encode(), {})], rejected=()).manifest()
).decode()


def _dumped(data: Any) -> bytes:
    try:
        return orjson.dumps(data)
    except TypeError:  # a number or a text that JSON cannot hold
        return repr(data).encode("utf-8", "replace")


def _line(system: str, request: str, answer: str) -> bytes:
    roles = zip(("system", "user", "assistant"), (system, request, answer), strict=True)
    messages = [{"role": role, "content": content} for role, content in roles]
    return _dumped({"type": "chatml", "messages": messages})


LINES = st.one_of(
    JSON.map(_dumped),
    st.binary(max_size=40),
    EDITS.map(lambda edits: edited(_LINE, edits).encode("utf-8", "surrogatepass")),
    st.builds(lambda texts: _line(*texts), st.tuples(PROSE, PROSE, PROSE)),
)
FILES = st.tuples(
    st.one_of(JSON.map(_dumped), EDITS.map(lambda edits: edited(_MANIFEST, edits).encode())),
    st.one_of(st.just(b""), LINES),
)


def ground(given: tuple[str, str, str]) -> None:
    """Prose held against code gives breaches of one line, and its spans are stretches of it."""
    code, request, thought = given
    corpus = opened({"src/a.rs": code, "src/b.rs": "pub struct Store; fn put() {}"})
    for text in (request, thought):
        for span in spans(text):
            assert 0 <= span.start < len(text)
            if span.form is not Form.CODE:
                assert text.startswith(span.text, span.start)
    draft = drafted(corpus)
    draft.add_request(request)
    draft.add_thought(thought, ())
    found = grounding.breaches(grounding.Prose.of(draft, draft.example(), "corpus/flow_x.py"))
    for breach in found:
        assert breach.problem.isprintable()
    again = grounding.Prose.of(draft, draft.example(), "corpus/flow_x.py")
    assert found == grounding.breaches(again)


def drafted(corpus: OpenCorpus) -> Draft:
    """Give a draft with some of the code."""
    draft = Draft("flow_x.py::flow_x", "X", corpus)
    for path in ("src/a.rs", "src/b.rs"):
        code = corpus.file(path)
        draft.open(code)
        for item in [one for one in code.rust.items if one.kind is not Kind.USE][:4]:
            try:
                draft.take(code, code.rust.find(code.rust.address(item)))
            except AddressError:
                continue
    return draft


def settings(text: str) -> None:
    """Any TOML is settings, or is refused in one line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flowcorpus.toml"
        path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
        try:
            load_settings(path)
        except SettingsError as error:
            assert str(error).isprintable(), str(error)
            assert str(error)


def packages(text: str) -> None:
    """Any manifest of a package is read, or is none."""
    package = read_package(text.encode("utf-8", "surrogatepass"))
    if package is not None:
        assert all(isinstance(name, str) for name in package.dependencies)
        assert isinstance(package.root, str)


def records(line: bytes) -> None:
    """A line is a record of exactly our format, or is refused in one line."""
    try:
        record = chatml.loads(line)
    except RecordError as error:
        assert str(error).isprintable(), str(error)
        return
    contents = [message["content"] for message in orjson.loads(line)["messages"]]
    assert contents[:2] == [record.system, record.request]
    assert contents[2].startswith(f"<think>\n{record.reasoning}\n</think>\n\n")
    for _, code in record.files:
        assert code in contents[2]


def files(given: tuple[bytes, bytes]) -> None:
    """A file that is not ours is never replaced, and what was read back never ends a run."""
    with tempfile.TemporaryDirectory() as folder:
        rewritten(Path(folder) / "flows.jsonl", *given)
        for kind in (JsonFile("a scan", "scan", ("totals", "features")), JsonFile("x", "drift")):
            reread(kind, Path(folder) / "kind.json", given[0])
    recalled(given[0])
    audited(given[1], given[0])


def rewritten(path: Path, manifest: bytes, jsonl: bytes) -> None:
    path.write_bytes(jsonl)
    output.manifest_path(path).write_bytes(manifest)
    part = Dataset({}, whole=False, records=[_Record(b"{}\n", {})], rejected=())
    try:
        output.write(path, part)
    except OutputError as error:
        assert str(error).isprintable()
        assert path.read_bytes() == jsonl
    else:
        read = orjson.loads(manifest)
        assert not read["whole"]
        assert read["jsonl"]["sha256"] == hashlib.sha256(jsonl).hexdigest()


def reread(kind: JsonFile, path: Path, data: bytes) -> None:
    path.write_bytes(data)
    for whole in (False, True):
        try:
            kind.check(path)
            kind.write(path, {kind.mark: {"whole": whole}, **dict.fromkeys(kind.keys)})
        except OutputError as error:
            assert str(error).isprintable()
            assert path.read_bytes() == data or whole


def recalled(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    accepted = snapshot._loads(text)
    if accepted is not None:
        now = [{"file": "a.rs", "address": "go", "kind": "fn", "text": "", "body": ""}]
        for line in snapshot._differences(accepted["fragments"], now):
            assert line


def audited(jsonl: bytes, manifest: bytes) -> None:
    def nothing(path: str) -> bytes:
        raise audit.Unreadable(f"{path} is not there")

    report = audit.audit(jsonl, manifest, audit.Source(nothing, None))
    assert all("\n" not in finding for finding in report.findings)
