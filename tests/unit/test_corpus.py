from __future__ import annotations

from pathlib import Path

import pytest

from pytest_flowcorpus.corpus import Corpus, OpenError, Override, load_corpus
from pytest_flowcorpus.folders import corpus_folder

SETTINGS = 'system = "x"\n[source]\npath = "rust"\nroot = "server/src"\nlicense = ["COPYING"]\n'


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    (tmp_path / "flowcorpus.toml").write_text(SETTINGS)
    (tmp_path / "rust/server/src").mkdir(parents=True)
    (tmp_path / "rust/server/src/a.rs").write_text("// SPDX-License-Identifier: MIT\nfn a() {}\n")
    (tmp_path / "rust/COPYING").write_text("Do as you like.\n")
    return load_corpus(tmp_path)


@pytest.mark.parametrize(
    ("spec", "repository"), [("a.rs", "server/src/a.rs"), ("/tests/b.rs", "tests/b.rs")]
)
def test_paths_of_a_spec_start_at_the_root_or_at_the_top(
    corpus: Corpus, spec: str, repository: str
) -> None:
    assert corpus.repository_path(spec) == repository
    assert corpus.spec_path(repository) == spec


def test_a_spec_is_a_flow_file_below_a_settings_file(corpus: Corpus) -> None:
    folder = corpus.folder
    assert corpus_folder(folder / "flow_a.py") == folder
    assert corpus_folder(folder / "deep/flow_a.py") == folder
    assert corpus_folder(folder / "test_a.py") is None
    assert corpus_folder(folder.parent / "flow_a.py") is None


def test_the_specs_of_a_corpus_are_not_those_of_one_inside_it(corpus: Corpus) -> None:
    (corpus.folder / "inner").mkdir()
    (corpus.folder / "inner/flowcorpus.toml").write_text(SETTINGS)
    for name in ("flow_b.py", "flow_a.py", "other.py", "inner/flow_c.py"):
        (corpus.folder / name).touch()
    assert [path.name for path in corpus.specs()] == ["flow_a.py", "flow_b.py"]


def test_a_file_is_parsed_once_and_tells_its_spdx_tags(corpus: Corpus) -> None:
    opened = corpus.open(Override())
    file = opened.file("server/src/a.rs")
    assert opened.file("server/src/a.rs") is file
    assert file.spdx == ("SPDX-License-Identifier: MIT",)


def test_the_provenance_of_a_checkout_names_no_place_on_this_machine(corpus: Corpus) -> None:
    provenance = corpus.open(Override()).provenance()
    assert provenance == {
        "checkout": True,
        "revision": None,
        "root": "server/src",
        "licenses": [{"path": "COPYING", "text": "Do as you like.\n"}],
    }


def test_a_licence_that_is_missing_is_named_with_its_key(corpus: Corpus) -> None:
    (corpus.folder / "rust/COPYING").unlink()
    with pytest.raises(OpenError, match=r"\[source\] license: .*COPYING"):
        corpus.open(Override()).provenance()


def test_a_revision_cannot_be_asked_of_a_checkout(corpus: Corpus) -> None:
    with pytest.raises(OpenError, match="--flowcorpus-rev"):
        corpus.open(Override(rev="main"))


def test_the_rust_files_that_hold_an_item_are_found(corpus: Corpus) -> None:
    (corpus.folder / "rust/b.rs").write_text("mod x { pub fn a() {} }\n")
    (corpus.folder / "rust/c.rs").write_text("fn a() {}\n")
    assert corpus.open(Override()).files_with("a") == ["c.rs", "server/src/a.rs"]
