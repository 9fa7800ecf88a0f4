from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from pytest_flowcorpus import chatml, output
from pytest_flowcorpus.example import Hop, Question, Thought, Verdict
from pytest_flowcorpus.output import Dataset, OutputError
from pytest_flowcorpus.tokens import count_tokens, tokenizer
from tests.unit.examples import example


@dataclass(frozen=True)
class Made:
    line: bytes
    entry: dict[str, Any]


def dataset(whole: bool = True, lines: int = 1) -> Dataset:  # noqa: FBT001, FBT002
    told = example()
    records = [Made(chatml.dumps(told), output.entry_of(told))] * lines
    return Dataset({"revision": "r"}, whole, records, ({"spec": "b", "why": "it failed"},))


def test_the_manifest_tells_what_the_jsonl_holds(tmp_path: Path) -> None:
    output.write(tmp_path / "x.jsonl", dataset(lines=2))
    manifest = orjson.loads((tmp_path / "x.manifest.json").read_bytes())
    data = (tmp_path / "x.jsonl").read_bytes()
    assert data.count(b"\n") == 2
    assert manifest["jsonl"] == {"lines": 2, "sha256": hashlib.sha256(data).hexdigest()}
    assert manifest["whole"] is True
    assert manifest["rejected"] == [{"spec": "b", "why": "it failed"}]
    fragment = manifest["examples"][0]["files"][0]["fragments"][0]
    assert fragment["sha256"] == hashlib.sha256(b"fn go() {}").hexdigest()


def test_a_defect_is_in_the_manifest_and_not_in_the_line() -> None:
    told = replace(example(), defects=("it leaks",))
    assert output.entry_of(told)["defects"] == ("it leaks",)
    assert b"it leaks" not in chatml.dumps(told)


def test_a_selection_never_replaces_what_a_whole_run_wrote(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    output.write(path, dataset(lines=2))
    before = path.read_bytes()
    with pytest.raises(OutputError, match="left as it was: this run is a selection"):
        output.write(path, dataset(whole=False))
    assert path.read_bytes() == before


def test_a_selection_replaces_another_selection(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    output.write(path, dataset(whole=False))
    output.write(path, dataset(whole=False, lines=2))
    assert path.read_bytes().count(b"\n") == 2


def test_a_selection_never_replaces_a_file_that_its_manifest_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    output.write(path, dataset(whole=False))
    path.write_bytes(b"somebody's own\n")
    with pytest.raises(OutputError):
        output.write(path, dataset(whole=False))
    assert path.read_bytes() == b"somebody's own\n"


def test_a_run_without_an_example_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"old\n")
    with pytest.raises(OutputError, match="no flow passed"):
        output.write(path, dataset(lines=0))
    assert path.read_bytes() == b"old\n"


def test_nothing_is_left_behind_when_the_write_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.jsonl"
    output.write(path, dataset())
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        output.write(path, dataset(lines=3))
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_link_is_followed_and_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").write_bytes(b"old\n")
    link = tmp_path / "x.jsonl"
    link.symlink_to("real.jsonl")
    output.write(link, dataset())
    assert link.is_symlink()
    assert (tmp_path / "real.jsonl").read_bytes() == chatml.dumps(example())


@pytest.mark.parametrize("target", ["", "/dev/full"])
def test_what_is_no_file_is_refused_beforehand(tmp_path: Path, target: str) -> None:
    with pytest.raises(OutputError, match="not a regular file"):
        output.check_target(Path(target) if target else tmp_path)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="it has no /dev/shm")
def test_what_lies_below_dev_is_never_replaced() -> None:
    path = Path(f"/dev/shm/flowcorpus-{os.getpid()}.jsonl")
    path.touch()
    try:
        with pytest.raises(OutputError, match="something else than JSON lines"):
            output.check_target(path)
    finally:
        path.unlink()


def test_a_file_in_the_place_of_a_folder_is_refused_beforehand(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="is not a folder"):
        output.check_target(tmp_path / "file" / "x.jsonl")


def test_the_manifest_stands_beside_the_jsonl() -> None:
    path = Path("a/feature_implementation_flows.jsonl")
    assert output.manifest_path(path) == Path("a/feature_implementation_flows.manifest.json")


def _killed_between(path: Path, new: Dataset) -> None:
    """Leave the new JSONL, the old manifest, and the new one aside."""
    path.write_bytes(b"".join(new.jsonl()))
    aside = output.manifest_path(path).with_name(f".{path.stem}.manifest.json.4711.partial")
    aside.write_bytes(b"".join(new.manifest()))


@pytest.mark.parametrize("whole", [True, False])
def test_a_manifest_that_a_killed_run_had_ready_is_put_beside_its_jsonl(
    tmp_path: Path,
    whole: bool,  # noqa: FBT001
) -> None:
    path, new = tmp_path / "x.jsonl", dataset(whole, lines=2)
    output.write(path, dataset(lines=1))
    _killed_between(path, new)
    output.check_target(path)
    assert output.manifest_path(path).read_bytes() == b"".join(new.manifest())
    assert {file.name for file in tmp_path.iterdir()} == {"x.jsonl", "x.manifest.json"}


def test_a_selection_is_known_for_one_after_its_run_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    output.write(path, dataset(whole=False))
    _killed_between(path, dataset(whole=False, lines=2))
    output.check_target(path)
    output.write(path, dataset(whole=False, lines=3))
    assert path.read_bytes().count(b"\n") == 3


def test_a_manifest_that_fits_is_not_replaced_by_one_that_was_left_aside(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    output.write(path, dataset())
    before = output.manifest_path(path).read_bytes()
    for data in (
        b"{",
        b"".join(dataset(lines=2).manifest()),
        b"".join(dataset(whole=False).manifest()),
    ):
        (tmp_path / ".x.manifest.json.4711.partial").write_bytes(data)
        output.check_target(path)
        assert output.manifest_path(path).read_bytes() == before


def test_where_no_manifest_can_be_put_in_place_what_a_killed_run_left_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(left: Path, _: Path) -> None:
        raise OSError(30, "Read-only file system", str(left))

    path = tmp_path / "x.jsonl"
    output.write(path, dataset())
    _killed_between(path, dataset(lines=2))
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    monkeypatch.setattr(Path, "replace", refuse)
    output.check_target(path)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_an_entry_holds_all_that_it_takes_to_check_its_line() -> None:
    hop = Hop("src/a.rs::go", "src/b.rs::B", "calls", Verdict.RESOLVED, 1)
    asked = Question("src/a.rs::go", "fn", found=True)
    told = replace(
        example(),
        thoughts=(Thought("It goes on.", ("errors",), (asked, hop)),),
        defects=("it leaks",),
        relaxed=(("filler", "a quotation"),),
    )
    spdx = ("SPDX-License-Identifier: MIT",)
    codes = ("fn go() {}", "struct B;")
    digests = [hashlib.sha256(code.encode()).hexdigest() for code in codes]
    go = {"address": "go", "kind": "fn", "lines": (1, 1), "sha256": digests[0]}
    b = {"address": "B", "kind": "struct", "lines": (1, 1), "sha256": digests[1]}
    file = {"blob": "b" * 40, "spdx": spdx, "lines": ((1, 1),)}
    assert output.entry_of(told) == {
        "spec": "flow_go.py::flow_go",
        "title": "Going",
        "tokens": count_tokens(chatml.contents(told)),
        "files": [
            {"path": "src/a.rs", **file, "fragments": [go]},
            {"path": "src/b.rs", **file, "fragments": [b]},
        ],
        "hops": {"resolved": 1},
        "thoughts": [
            {"covers": ("errors",), "words": 3, "asked": [asdict(asked), asdict(hop)]},
        ],
        "defects": ("it leaks",),
        "relaxed": [{"rule": "filler", "reason": "a quotation"}],
    }


def test_the_manifest_is_indented_and_names_its_format_and_tokenizer() -> None:
    data = b"".join(dataset(lines=0).manifest())
    told = orjson.loads(data)
    assert data == orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n"
    assert list(told) == [
        *("format", "jsonl", "whole", "source", "tokenizer", "examples", "rejected"),
    ]
    assert (told["format"], told["tokenizer"]) == (output.FORMAT, tokenizer())
    assert told["source"] == {"revision": "r"}


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"null", b"{}", b'{"whole":false}', b'{"whole":false,"jsonl":{}}', None],
)
def test_a_selection_never_replaces_a_file_whose_manifest_does_not_tell(
    tmp_path: Path, manifest: bytes | None
) -> None:
    path = tmp_path / "x.jsonl"
    output.write(path, dataset(whole=False))
    before = path.read_bytes()
    output.manifest_path(path).unlink()
    if manifest is not None:
        output.manifest_path(path).write_bytes(manifest)
    with pytest.raises(OutputError) as told:
        output.write(path, dataset(whole=False, lines=2))
    assert str(told.value) == (
        f"{path} left as it was: this run is a selection, and the file is not known to be one; "
        "write the selection to another file"
    )
    assert path.read_bytes() == before


def test_a_whole_run_replaces_whatever_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    output.write(path, dataset(whole=False))
    output.write(path, dataset(lines=2))
    assert path.read_bytes() == chatml.dumps(example()) * 2
    assert orjson.loads(output.manifest_path(path).read_bytes())["whole"] is True


def test_a_folder_in_the_place_of_the_manifest_is_refused_beforehand(tmp_path: Path) -> None:
    (tmp_path / "x.manifest.json").mkdir()
    with pytest.raises(OutputError) as told:
        output.check_target(tmp_path / "x.jsonl")
    where = tmp_path / "x.manifest.json"
    assert str(told.value) == f"{where} is not a regular file; name a file, or - for stdout"


def test_a_link_to_nothing_is_refused_beforehand(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").symlink_to("gone.jsonl")
    with pytest.raises(OutputError, match="not a regular file"):
        output.check_target(tmp_path / "x.jsonl")


@pytest.mark.parametrize(("content", "is_taken"), [(b"", True), (b"{}\n", True), (b"x={", False)])
def test_only_an_empty_file_or_one_of_json_lines_is_taken(
    tmp_path: Path,
    content: bytes,
    is_taken: bool,  # noqa: FBT001
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    if is_taken:
        output.check_target(path)
    else:
        with pytest.raises(OutputError) as told:
            output.check_target(path)
        why = "holds something else than JSON lines; name another file"
        assert str(told.value) == f"{path} {why}"
    assert path.read_bytes() == content


def test_a_check_beforehand_leaves_no_trace(tmp_path: Path) -> None:
    output.check_target(tmp_path / "new" / "folder" / "x.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_of_two_runs_that_check_at_once_neither_minds_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Path.touch

    def touch(probe: Path) -> None:
        made(probe)
        probe.unlink()  # as the other does, whose probe is called so too

    monkeypatch.setattr(Path, "touch", touch)
    output.check_folder(tmp_path / "x.jsonl")


def test_a_folder_that_takes_no_file_is_told_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "touch", refuse)
    path = tmp_path / "x.jsonl"
    with pytest.raises(OutputError) as told:
        output.check_folder(path)
    assert str(told.value) == f"{path} cannot be written: Read-only file system: {tmp_path}"


@pytest.mark.parametrize(
    ("error", "why"),
    [(OSError(28, "No space left"), "No space left"), (OSError("it broke"), "it broke")],
)
def test_what_cannot_be_written_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, why: str
) -> None:
    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError) as told:
        output.write(tmp_path / "x.jsonl", dataset())
    assert str(told.value) == f"{tmp_path / 'x.jsonl'} left as it was: {why}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lines", [0, 1, 3])
def test_a_manifest_in_pieces_is_the_one_that_is_written_at_once(lines: int) -> None:
    told = Made(b"{}\n", {"files": [{"path": '\n  "examples": [', "lines": []}], "title": "\n"})
    source = {"licenses": [{"text": '\n  "examples": []\n', "examples": []}]}
    made = Dataset(source, True, [told] * lines, ())  # noqa: FBT003
    manifest = b"".join(made.manifest())
    data = orjson.loads(manifest)
    assert data["examples"] == [told.entry] * lines
    assert data["source"] == source
    assert manifest == orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
