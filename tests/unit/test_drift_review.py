"""What a snapshot tells of a review, also where it was damaged."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus import snapshot
from pytest_flowcorpus.drift import review
from pytest_flowcorpus.drift.review import Accepted, Review, review_of
from pytest_flowcorpus.rust import Fingerprint, Kind

if TYPE_CHECKING:
    from pathlib import Path

SHA = "0123456789abcdef0123456789abcdef01234567"
DIGESTS = Fingerprint("t", "c", "a", "s", "b")
FRAGMENT = {"file": "src/a.rs", "address": "go", "kind": "fn", **asdict(DIGESTS)}
WHOLE = {"revision": SHA, "fragments": [FRAGMENT]}


class Flows:
    """Gives the review of whatever stands in a snapshot."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._path = path
        monkeypatch.setattr(snapshot, "PyTestLocation", lambda flow: flow)
        located = lambda *, test_location, index: str(test_location)  # noqa: ARG005, E731
        monkeypatch.setattr(snapshot.FlowSnapshot, "get_location", located)

    def review(self, data: object) -> Review | None:
        self._path.write_bytes(data if isinstance(data, bytes) else orjson.dumps(data))
        return review_of(cast("pytest.Item", self._path))


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flows:
    return Flows(tmp_path / "flow.json", monkeypatch)


def test_fragments_are_told_in_the_order_of_the_snapshot(flows: Flows) -> None:
    two = [FRAGMENT, {**FRAGMENT, "address": "b", "kind": "struct"}]
    found = flows.review({"revision": SHA, "fragments": two})
    assert found == Review(
        SHA,
        (
            Accepted("src/a.rs", "go", "fn", DIGESTS),
            Accepted("src/a.rs", "b", "struct", DIGESTS),
        ),
    )
    assert [str(one) for one in found.fragments] == ["src/a.rs::go", "src/a.rs::b"]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_item_is_known(flows: Flows, kind: Kind) -> None:
    found = flows.review({**WHOLE, "fragments": [{**FRAGMENT, "kind": str(kind)}]})
    assert found is not None
    assert found.fragments[0].kind == kind


def test_a_flow_without_a_snapshot_has_no_review(tmp_path: Path, flows: Flows) -> None:
    assert flows.review(WHOLE) is not None
    assert review_of(cast("pytest.Item", tmp_path / "other.json")) is None


@pytest.mark.parametrize(
    "revision",
    [
        *(None, "", "main", "HEAD~1", "--all", "\x1b[31m", 7, [], {}),
        *(SHA[:12], f"{SHA}0", f"{SHA}\n", f" {SHA}", SHA.upper()),
    ],
)
def test_what_is_no_full_sha_is_no_revision_to_look_at(flows: Flows, revision: object) -> None:
    found = flows.review({**WHOLE, "revision": revision})
    assert found is not None
    assert found.revision is None
    assert len(found.fragments) == 1


def test_a_snapshot_that_notes_no_revision_is_a_review_all_the_same(flows: Flows) -> None:
    found = flows.review({"fragments": [FRAGMENT]})
    assert found is not None
    assert found.revision is None


def test_a_sha256_is_a_revision(flows: Flows) -> None:
    found = flows.review({**WHOLE, "revision": "ab" * 32})
    assert found is not None
    assert found.revision == "ab" * 32


DAMAGED: dict[str, Any] = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b"\xff\xfe",
    "a conflict": b"<<<<<<< HEAD\n" + orjson.dumps(WHOLE) + b"\n=======\n",
    "deep": b'{"fragments":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "a list": [],
    "a text": "fragments",
    "a number": 1,
    "null": None,
    "an empty object": {},
    "no fragments": {"revision": SHA},
    "fragments that are null": {**WHOLE, "fragments": None},
    "fragments that are a number": {**WHOLE, "fragments": 1},
    "fragments that are an object": {**WHOLE, "fragments": {"file": "a"}},
    "fragments that are texts": {**WHOLE, "fragments": ["a"]},
    "fragments that are lists": {**WHOLE, "fragments": [[]]},
    "fragments that are null themselves": {**WHOLE, "fragments": [FRAGMENT, None]},
    "an unknown kind": {**WHOLE, "fragments": [{**FRAGMENT, "kind": "function"}]},
    "a kind that is a number": {**WHOLE, "fragments": [{**FRAGMENT, "kind": 1}]},
    "a kind that is a list": {**WHOLE, "fragments": [{**FRAGMENT, "kind": []}]},
} | {
    f"no {name}": {**WHOLE, "fragments": [{k: v for k, v in FRAGMENT.items() if k != name}]}
    for name in FRAGMENT
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_snapshot_is_no_review(flows: Flows, data: object) -> None:
    assert flows.review(data) is None


def test_what_a_newer_version_notes_besides_is_passed_over(flows: Flows) -> None:
    data = {**WHOLE, "more": 1, "fragments": [{**FRAGMENT, "more": []}]}
    assert flows.review(data) == flows.review(WHOLE)


json = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FRAGMENT, "revision", "fragments"]), inner)
    ),
)


@given(
    st.dictionaries(st.sampled_from(["revision", "fragments", "x"]), json)
    | st.dictionaries(st.sampled_from([*FRAGMENT]), json).map(
        lambda more: {**WHOLE, "fragments": [{**FRAGMENT, **more}]}
    )
)
def test_whatever_stands_in_a_snapshot_nothing_breaks(data: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review, "accepted", lambda _: snapshot._loads(orjson.dumps(data).decode()))
        found = review_of(cast("pytest.Item", object()))
    if found is not None:
        assert isinstance(found.revision, str | None)
        texts = (text for one in found.fragments for text in (one.path, one.address, str(one)))
        assert all(isinstance(text, str) for text in texts)
