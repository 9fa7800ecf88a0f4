from __future__ import annotations

import pytest

from pytest_flowcorpus.layers import Layers
from tests.unit.examples import settings

LAYERS = (
    ("endpoint", ("v1/**",)),
    ("tests", ("/tests/**",)),
    ("worker", ("worker.rs",)),
    ("support", ("*.rs", "metrics/**")),
    ("rest", ("**/mod.rs",)),
)


@pytest.mark.parametrize(
    ("path", "layer"),
    [
        ("src/v1/a.rs", "endpoint"),
        ("src/v1/a/b/c.rs", "endpoint"),
        ("src/v1.rs", "support"),
        ("src/worker.rs", "worker"),
        ("src/cfg.rs", "support"),
        ("src/metrics/mod.rs", "support"),
        ("src/db/mod.rs", "rest"),
        ("src/mod.rs", "support"),
        ("src/db/a.rs", None),
        ("tests/v1/a.rs", "tests"),
        ("tests/worker.rs", "tests"),
        ("other/worker.rs", None),
        ("v1/a.rs", None),
        ("src/db/a/b.rs", None),
    ],
)
def test_a_file_lies_in_the_first_layer_that_means_it(path: str, layer: str | None) -> None:
    assert Layers(settings(LAYERS, root="src")).layer_of(path) == layer


def test_without_a_root_globs_start_at_the_top_with_and_without_a_slash() -> None:
    layers = Layers(settings(LAYERS))
    assert layers.layer_of("v1/a.rs") == "endpoint"
    assert layers.layer_of("tests/a.rs") == "tests"
    assert layers.layer_of("src/v1/a.rs") is None


def test_layers_are_named_in_their_order() -> None:
    assert Layers(settings(LAYERS)).names == ("endpoint", "tests", "worker", "support", "rest")
