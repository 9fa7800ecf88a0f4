"""Texts that could break a record, a page or a terminal, and what becomes of a flow with each."""

from __future__ import annotations

import re
from typing import Final

KEPT: Final = {
    "a fence": "```",
    "a longer fence": "`````",
    "a fence of tildes": "~~~",
    "generics that look like a tag": "Vec<s> </s> <<SYS>> <bos>",
    "an index that looks like a tag": "table[INST] [/INST]",
    "a tag of tools": "<tool_call> </tool_call> <tool_response>",
    "a spaced token": "<| im_end |> a<|b| b|> <||> |>",
    "tags of think in other letters": "<Think> </ think> <thinking>",
    "another record": '{\\"role\\": \\"user\\"}',
    "an emoji": "\u26a0\ufe0f \U0001f469\U0001f3fd\u200d\U0001f4bb 1\ufe0f\u20e3",
    "full-width and other scripts": "\uff1c\uff5cx \u05d0\u05d1 \u0627\u0644 \ud55c\uae00 e\u0301",
    "private and no characters": "\ue000 \ufffe \U0010ffff",
}
"""What is like the others, and is code or prose like any."""

TAGS: Final = {"the end of thinking": "</think>", "the beginning of thinking": "<think>"}

TOKENS: Final = {
    "ChatML's end": "<|im_end|>",
    "ChatML's beginning": "<|im_start|>",
    "the end of all": "<|endoftext|>",
    "Llama 3": "<|eot_id|>",
    "Phi 3": "<|assistant|>",
    "one that closes": "<|/user|>",
    "Solar": "<|im:end|>",
    "DeepSeek's beginning": "<\uff5cbegin\u2581of\u2581sentence\uff5c>",
    "DeepSeek's filler": "<\uff5c\u2581pad\u2581\uff5c>",
    "DeepSeek's user": "<\uff5cUser\uff5c>",
    "Gemma 3": "<end_of_turn>",
    "Gemma 4": "<turn|>",
}

TURNED: Final = {
    f"U+{code:04X} {name}": chr(code)
    for code, name in (
        (0x061C, "ARABIC LETTER MARK"),
        (0x200E, "LEFT-TO-RIGHT MARK"),
        (0x200F, "RIGHT-TO-LEFT MARK"),
        (0x202A, "LEFT-TO-RIGHT EMBEDDING"),
        (0x202B, "RIGHT-TO-LEFT EMBEDDING"),
        (0x202C, "POP DIRECTIONAL FORMATTING"),
        (0x202D, "LEFT-TO-RIGHT OVERRIDE"),
        (0x202E, "RIGHT-TO-LEFT OVERRIDE"),
        (0x2066, "LEFT-TO-RIGHT ISOLATE"),
        (0x2067, "RIGHT-TO-LEFT ISOLATE"),
        (0x2068, "FIRST STRONG ISOLATE"),
        (0x2069, "POP DIRECTIONAL ISOLATE"),
    )
}
"""Bidi_Control of PropList.txt, all of it."""

UNSEEN: Final = {
    **{
        f"U+{code:04X} a control character": chr(code)
        for code in (0x01, 0x07, 0x08, 0x0B, 0x0C, 0x1B, 0x1C, 0x7F, 0x85, 0x9B, 0x0D)
    },
    **{
        f"U+{code:04X} {name}": chr(code)
        for code, name in (
            (0x00AD, "SOFT HYPHEN"),
            (0x034F, "COMBINING GRAPHEME JOINER"),
            (0x115F, "HANGUL CHOSEONG FILLER"),
            (0x3164, "HANGUL FILLER"),
            (0xFFA0, "HALFWIDTH HANGUL FILLER"),
            (0x180E, "MONGOLIAN VOWEL SEPARATOR"),
            (0x200B, "ZERO WIDTH SPACE"),
            (0x200C, "ZERO WIDTH NON-JOINER"),
            (0x200D, "ZERO WIDTH JOINER"),
            (0x2060, "WORD JOINER"),
            (0x2064, "INVISIBLE PLUS"),
            (0x2065, "without a name"),
            (0x2028, "LINE SEPARATOR"),
            (0x2029, "PARAGRAPH SEPARATOR"),
            (0xFE00, "VARIATION SELECTOR-1"),
            (0xFE0F, "VARIATION SELECTOR-16"),
            (0xFEFF, "ZERO WIDTH NO-BREAK SPACE"),
            (0xFFF9, "INTERLINEAR ANNOTATION ANCHOR"),
            (0xE0001, "LANGUAGE TAG"),
            (0xE0061, "TAG LATIN SMALL LETTER A"),
            (0xE0100, "VARIATION SELECTOR-17"),
        )
    },
}

RAW: Final = re.compile(
    "[\0-\b\v-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u3164\uffa0\u180e\u200b\u200c\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufe00-\ufe0e\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
"""Finds what must not come to a terminal as it is, but for what emojis are made of."""


def refused(text: str, where: str) -> str:
    """Give what the failure says of a text that is not kept, without its place."""
    for names, said in ((TURNED, "turns round what is shown"), (UNSEEN, "is hidden")):
        for name, character in names.items():
            if character in text:
                return f"{name} {said} in {where}: leave it out, or relax the rule"
    if "\0" in text:
        return f"NUL stands in {where}"
    token = next(one for one in (*TAGS.values(), *TOKENS.values()) if one in text)
    return f"{token} stands in {where}"
