"""Integers of any length, as tools have them for ids: kept to the last digit."""

import pytest

from translators.chat.json_text import read_object, written

LONG = "1234567890123456789012345678901234567890"


@pytest.mark.parametrize(
    "text", [f'{{"id":{LONG}}}', f'{{"id":-{LONG},"é":[1.5,null,true]}}', '{"id":18446744073709551616}']
)
def test_long_integers_are_kept(text: str) -> None:
    value = read_object(text)

    assert value is not None
    assert written(value).decode() == text


@pytest.mark.parametrize(
    "text",
    [
        f'{{"id":{LONG},"a":NaN}}',
        f'{{"id":{LONG},"a":"\\ud800"}}',
        LONG,
    ],
)
def test_what_cannot_be_passed_on_is_not_read(text: str) -> None:
    assert read_object(text) is None


def test_a_number_beyond_every_float_is_not_read() -> None:
    assert read_object('{"id":' + "9" * 308 + "}") == {"id": int("9" * 308)}
    assert read_object('{"id":' + "9" * 310 + "}") is None
