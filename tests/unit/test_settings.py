from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_flowcorpus.settings import Limits, Settings, SettingsError, load_settings

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


def test_every_limit_can_be_set(tmp_path: Path) -> None:
    limits = Limits(
        request_words=(1, 2),
        reasoning_words=(3, 0),
        aspect_words=0,
        words_a_span=0,
        own_spans=100,
        layers=3,
        similar=(0, 1),
        repeated=0.25,
        repeated_from=2,
        item_flows=0,
        max_tokens=5,
    )
    told = (
        f"{name} = {list(v) if isinstance(v, tuple) else v}" for name, v in asdict(limits).items()
    )
    assert loaded(tmp_path, GIT + "[limits]\n" + "\n".join(told)).limits == limits
    assert all(asdict(limits)[name] != usual for name, usual in asdict(Limits()).items())


WHOLE = "has to be a whole number"
PAIR = "has to be the least and the most, in whole numbers: [40, 200]"
FRACTION = "has to be a fraction from 0 to 1, such as 0.1 for a tenth"
FRACTIONS = "has to be two fractions from 0 to 1: [0.15, 0.3]"


@pytest.mark.parametrize(
    ("limit", "problem"),
    [
        ("request_words = 40", PAIR),
        ("request_words = [40]", PAIR),
        ("request_words = [40, 50, 60]", PAIR),
        ("request_words = [-1, 50]", PAIR),
        ("request_words = [1.0, 50]", PAIR),
        ("request_words = [true, 50]", PAIR),
        ("reasoning_words = [800, 250]", "has to be in order: 800 is above 250"),
        ("aspect_words = -1", f"{WHOLE} of 0 or more"),
        ("words_a_span = 1.5", f"{WHOLE} of 0 or more"),
        ("own_spans = 101", f"{WHOLE} from 0 to 100"),
        ("own_spans = 0.8", f"{WHOLE} from 0 to 100"),
        ("layers = '2'", f"{WHOLE} of 0 or more"),
        ("similar = 0.3", FRACTIONS),
        ("similar = [0.15, 1.5]", FRACTIONS),
        ("similar = [nan, 0.3]", FRACTIONS),
        ("similar = [0.3, 0.15]", "has to be in order: 0.3 is above 0.15"),
        ("repeated = 10", FRACTION),
        ("repeated = true", FRACTION),
        ("repeated = inf", FRACTION),
        ("max_tokens = 0", f"{WHOLE} of 1 or more"),
        ("word_limits = 1", "is not a setting; did you mean"),
    ],
)
def test_a_limit_that_cannot_be_one_is_told_what_it_has_to_be(
    tmp_path: Path, limit: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, f"{GIT}[limits]\n{limit}")
    assert str(caught.value).startswith(f"[limits] {limit.partition(' ')[0]} {problem}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("system = ", "not TOML: "),
        ("a = " + "[" * 100_000, "not TOML that can be read: it nests too deep"),
        ("a = " + "9" * 5_000, "not TOML: "),
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
