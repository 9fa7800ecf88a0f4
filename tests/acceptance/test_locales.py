"""A machine on which Python takes the names of files for ASCII."""

from __future__ import annotations

import pytest

from tests.acceptance.project import OUT, Project

ADVICE = "cannot be a name here: set PYTHONUTF8=1 (the locale says ASCII), or rename it"


@pytest.fixture
def abroad(project: Project) -> Project:
    """Give the corpus with its Rust where the path has other letters."""
    (project.path / "rust").rename(project.path / "r\N{LATIN SMALL LETTER O WITH STROKE}st")
    project.edit("corpus/flowcorpus.toml", "../rust", "../r\N{LATIN SMALL LETTER O WITH STROKE}st")
    return project


def ascii_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0")):
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_rust_is_read_from_paths_with_other_letters(
    abroad: Project, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    folder = next(abroad.path.glob("r*st"))
    (folder / "handler.rs").rename(folder / "händler.rs")
    abroad.edit("corpus/flow_go.py", "handler.rs", "händler.rs")
    abroad.accept()
    assert abroad.run(f"--flowcorpus-out={OUT}").ret == 0
    before = abroad.files()
    abroad.out.unlink()
    ascii_only(monkeypatch)
    result = abroad.run(f"--flowcorpus-out={OUT}", *workers)
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    assert abroad.files() == before


def test_a_missing_file_with_other_letters_is_told(
    abroad: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    abroad.edit("corpus/flow_go.py", "handler.rs", "händler.rs")
    ascii_only(monkeypatch)
    result = abroad.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["corpus/flow_go.py:9: h\\xe4ndler.rs: no such file in *"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("flow_go.py", "flow_gö.py", r"corpus/flow_g\udcc3\udcb6.py: '/*\udcc3\udcb6.py'"),
        ("flow_go(", "flow_gö(", r"corpus/flow_go.py: 'flow_g\xf6'"),
    ],
)
def test_a_spec_or_flow_with_other_letters_is_a_collection_error_of_one_line(
    project: Project, monkeypatch: pytest.MonkeyPatch, old: str, new: str, told: str
) -> None:
    spec = project.path / "corpus/flow_go.py"
    spec.write_text(spec.read_text().replace(old, new))
    if old.endswith(".py"):
        spec.rename(spec.with_name(new))
    ascii_only(monkeypatch)
    result = project.run()
    assert result.ret == 2
    result.stdout.fnmatch_lines([f"{told} {ADVICE}"])
    assert "Traceback" not in result.stdout.str()
    assert "UnicodeEncodeError" not in result.stdout.str()
