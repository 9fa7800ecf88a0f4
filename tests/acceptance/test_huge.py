"""A source whose files are beyond all measure: exact code, or one line that says why not."""

from __future__ import annotations

import pytest

from tests.acceptance.project import HANDLER, OUT, STORE, Project
from tests.fuzz.huge import CASES


@pytest.fixture
def checkout(project: Project) -> Project:
    """The corpus, and beside it a checkout to be read in its place."""
    for name, text in (("handler.rs", HANDLER), ("store.rs", STORE), ("LICENSE", "MIT\n")):
        project.write(f"copy/{name}", text)
    return project


@pytest.mark.parametrize("name", ["modules", "open blocks", "open raw strings", "a line of 10 MB"])
def test_code_beside_what_has_no_measure_is_extracted_as_ever(checkout: Project, name: str) -> None:
    assert checkout.run(f"--flowcorpus-out={OUT}").ret == 0
    before = checkout.out.read_bytes()
    checkout.write("copy/handler.rs", f"{HANDLER}\n{CASES[name]()}")
    result = checkout.run("--flowcorpus-checkout=copy", f"--flowcorpus-out={OUT}")
    assert result.ret == 0, result.stdout.str()
    assert checkout.out.read_bytes() == before


def test_code_that_is_lost_in_it_fails_its_spec_in_one_line(checkout: Project) -> None:
    checkout.write("copy/handler.rs", "mod m { " * 100_000 + HANDLER + "}" * 100_000)
    checkout.write("copy/store.rs", "fn f() " + "{" * 100_000 + STORE)
    result = checkout.run("--flowcorpus-checkout=copy")
    assert result.ret == 1
    told = [line for line in result.stdout.lines if "handler.rs" in line and "`go`" in line]
    assert told
    assert "blocks nest too deep to be read" in told[0]
    assert len(max(result.stdout.lines, key=len)) < 1_000
    assert "Traceback" not in result.stdout.str()
