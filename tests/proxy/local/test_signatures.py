"""Signatures are as long as Claude's, say what they are bound to, and are read back only when they are whole."""

from dataclasses import replace

import pytest

from proxy.local.signatures import Seal, read, read_redacted, redacted_content, signature

SEAL = Seal(
    model="anthropic.claude-sonnet-4-5-20250929-v1:0",
    kind="thinking",
    text="0123456789abcdef",
    answer="0123456789abcdef",
    place=0,
    count=1,
    run=0,
    prefix="0123456789abcdef",
)


@pytest.mark.parametrize(
    ("thought", "recorded"),
    [(48, 300), (85, 348), (126, 404), (195, 496), (412, 784), (845, 1364), (1293, 1960)],
)
def test_a_signature_is_as_long_as_claudes(thought: int, recorded: int) -> None:
    assert abs(len(signature(SEAL, "x" * thought)) - recorded) <= 8


def test_what_was_sealed_is_read_back() -> None:
    assert read(signature(SEAL, "Hm.")) == SEAL
    assert read_redacted(redacted_content(SEAL)) == SEAL
    assert read_redacted(redacted_content(SEAL, "rsn_"), "rsn_") == SEAL


def test_the_same_block_of_the_same_answer_has_the_same_signature() -> None:
    assert signature(SEAL, "Hm.") == signature(replace(SEAL), "Hm.")
    assert signature(SEAL, "Hm.") != signature(replace(SEAL, place=1), "Hm.")


def test_one_letter_changed_anywhere_is_noticed() -> None:
    whole = signature(SEAL, "Hm.")

    changed = [whole[:n] + ("A" if whole[n] != "A" else "B") + whole[n + 1 :] for n in range(len(whole) - 4)]

    assert [read(each) for each in changed] == [None] * len(changed)


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "c2ln",
        "not base64",
        "é",
        # The beginning of one of Claude's own, recorded in 2025.
        "Eu4CCkgIBxABGAIqQCc4A+JUj/DJn5X49FRHzzGDqrWoZCEii+cINeYRllo7Bo/OAwNyoXVhdYlz6QWI",
        signature(SEAL, "Hm.")[:-8],
        redacted_content(SEAL),
    ],
)
def test_what_was_not_issued_here_is_foreign(foreign: str) -> None:
    assert read(foreign) is None
    assert read_redacted(foreign, "rsn_") is None or foreign == redacted_content(SEAL)
