from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.settings import Settings, SettingsError, load_settings

SHA = "4fc0cfb8b426c87ef7e2b937e7d896a71d456a47"
GIT = f'system = "x"\n[source]\ngit = "https://example.org/x"\nrev = "{SHA}"\n'


def loaded(folder: Path, text: str) -> Settings:
    path = folder / "flowcorpus.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_everything_of_the_design_page_is_read(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        GIT + 'root = "/server/src/"\nsearch = ["**/*.rs"]\nlicense = ["LICENSE"]\n'
        '[layers]\nworker = ["w.rs"]\ncore = ["core/**"]\n'
        '[entries]\nattributes = ["a"]\nitems = ["b"]\n[limits]\nmax_tokens = 5\n',
    )
    assert settings.source.root == "server/src"
    assert settings.layers == (("worker", ("w.rs",)), ("core", ("core/**",)))
    assert settings.entries.attributes == ("a",)
    assert settings.limits.max_tokens == 5


def test_what_has_a_default_may_be_left_out(tmp_path: Path) -> None:
    settings = loaded(tmp_path, 'system = "x"\n[source]\npath = ".."\n')
    assert settings.limits.max_tokens == 8192
    assert settings.source.root == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("system = ", "not TOML: "),
        ("", "system is missing"),
        ("system = 1", "system has to be a text"),
        ('system = "x"', "[source] git or path has to say"),
        (GIT + 'path = "x"', "only one of them"),
        (GIT.replace(SHA, "main"), "[source] rev has to be a full revision of 40 hex digits"),
        (GIT + 'roots = "x"', "[source] roots is not a setting; did you mean root?"),
        ('sytem = "x"\n' + GIT, "sytem is not a setting; did you mean system?"),
        (GIT + "[limits]\nmax_tokens = true", "[limits] max_tokens has to be a whole number"),
        (GIT + "[layers]\ncore = 'x'", "[layers] core has to be a list of texts"),
        (GIT + "[[limits]]", "limits has to be a table"),
        ('system = "x"\n[source]\npath = "."\nrev = "x"', "rev goes with git"),
    ],
)
def test_a_fault_is_named_with_its_key(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, text)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@given(text=st.text(max_size=200) | st.text("[]={}\".' \nsystemsourcegitrev", max_size=200))
def test_any_text_gives_settings_or_one_clear_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        load_settings(path)
    except SettingsError as error:
        assert "\n" not in str(error)
