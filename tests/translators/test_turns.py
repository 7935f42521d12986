"""Turns that are remembered: under which names they are found, and how they are put together again."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from translators.chat.turns import name, restored, turn, words_digest
from translators.chat.turns import names_of as names_after

LONG = "tooluse_a2cdEfghijKlmnopqRstuv"


def thought(text: str) -> Any:
    return {"reasoningContent": {"reasoningText": {"text": text, "signature": f"sig-{text}"}}}


def said(text: str) -> Any:
    return {"text": text}


def call(id: str = LONG, name: str = "f", **input: Any) -> Any:
    return {"toolUse": {"toolUseId": id, "name": name, "input": input}}


def names_of(scope: str, blocks: list[Any], words: str = "Hi") -> list[str]:
    return names_after(scope, blocks, words_digest(words))


def pieces(*blocks: Any) -> Any:
    made = turn(blocks)
    assert made
    return made


def test_an_answer_without_thoughts_is_not_remembered() -> None:
    assert turn([said("Hi"), call()]) is None


def test_a_turn_comes_back_in_its_order() -> None:
    blocks = [
        thought("one"),
        said("Let me see."),
        thought("two"),
        call(LONG + "1"),
        thought("three"),
        call(LONG + "2"),
    ]

    client = [said("Let me see."), call(LONG + "1"), call(LONG + "2")]

    assert restored(client, pieces(*blocks)) == blocks


def test_several_texts_are_parted_again_where_the_client_joined_them() -> None:
    blocks = [thought("one"), said("First."), thought("two"), said(" Second.")]

    assert restored([said("First. Second.")], pieces(*blocks)) == blocks
    assert restored([said("First.  Second.")], pieces(*blocks)) == [
        thought("one"),
        said("First.  Second."),
        thought("two"),
    ]


def test_text_that_the_client_added_is_not_lost() -> None:
    assert restored([said("Note."), call()], pieces(thought("one"), call())) == [
        thought("one"),
        said("Note."),
        call(),
    ]


def test_another_turn_is_left_alone() -> None:
    remembered = pieces(thought("one"), call("functions.f:0", city="Bern"))

    assert restored([call("functions.f:0", city="Rome")], remembered) is None
    assert restored([call("functions.f:0", "g", city="Bern")], remembered) is None
    assert restored([call("functions.f:0", city="Bern")], remembered)
    assert restored([call("functions.g:1")], remembered) is None


def test_arguments_that_a_user_edited_are_the_client_s() -> None:
    edited = call(LONG, city="Rome")

    assert restored([edited], pieces(thought("one"), call(LONG, city="Bern"))) == [thought("one"), edited]


@given(st.sampled_from(["tooluse_a-b.c:", "toolu_01"]), st.text("abcXYZ019_-.:", min_size=1, max_size=60))
def test_an_id_is_known_however_a_client_altered_it(start: str, rest: str) -> None:
    full = start + rest + "end"
    told = names_of("s", [call(full)])
    stripped = "".join(filter(str.isalnum, full))

    for altered in (full.replace("_", ""), stripped, stripped[:40], full.replace(":", "_")):
        assert names_of("s", [call(altered)]) == told
    assert names_of("s", [call(LONG + "-" + "x" * 20)]) == names_of("s", [call((LONG + "-" + "x" * 20)[:40])])


def test_an_id_that_comes_again_is_known_by_what_its_tool_was_given() -> None:
    bern, rome = (
        names_of("s", [call("functions.get_the_weather:0", city=city)]) for city in ("Bern", "Rome")
    )

    assert bern != rome
    assert bern == names_of("s", [call("functions_get_the_weather_0", city="Bern")])
    assert names_of("s", [call(LONG, city="Bern")]) == names_of("s", [call(LONG, city="Rome")])


def test_integers_of_any_length_are_no_trouble() -> None:
    blocks = [thought("one"), call("f:0", number=10**30)]

    assert restored([call("f:0", number=10**30)], pieces(*blocks)) == blocks
    assert restored([call("f:0", number=10**30 + 1)], pieces(*blocks)) is None


def test_names_tell_who_asked_and_what_was_said() -> None:
    assert names_of("a", [call()]) != names_of("b", [call()])
    assert names_of("a", [said(" Hello,\nyou "), thought("Hm.")]) == names_of(
        "a", [said("Hello, you"), thought(" Hm. ")]
    )
    assert names_of("a", [said("Hello"), thought("Hm.")])[1:] == [
        *names_of("a", [said("Hello")]),
        *names_of("a", [thought("Hm.")]),
    ]
    assert (
        names_of("a", [said("Hello"), thought("Hm.")])[2:] == names_of("a", [thought("Hm."), said("Bye")])[2:]
    )
    assert names_of("a", []) == []
    assert name("a", "text", "\ud800")


def test_the_same_words_are_another_turn_where_the_user_had_said_another_thing() -> None:
    done = [thought("Hm."), said("Done.")]

    before, after = (names_of("a", done, heard) for heard in ("Buy milk.", "Sell milk."))
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, False, True]
    assert names_of("a", done, "Buy milk.") == names_of("a", done, " Buy milk.\n")
    assert names_of("a", [call()], "Buy milk.") == names_of("a", [call()], "Sell milk.")
