"""JSON written and read on the way to Bedrock: what cannot be is the client's 400, with the field's path."""

from typing import Any

import orjson

from translators.errors import BadRequestError

# orjson writes about 250 levels.
SURELY_SHALLOW = 200


def write(value: object, param: str) -> bytes:
    """Raises BadRequestError for what orjson reads but does not write: nesting deeper than about 250."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise BadRequestError(
            f"Invalid '{param}': it cannot be passed on: {error}.", param=param, code="invalid_value"
        ) from None


def read_object(text: str) -> dict[str, Any] | None:
    """The JSON object that a client sends as text; None where it is no such thing, or could not be passed on.

    >>> read_object(""), read_object('{"city": "Bern"}'), read_object('{"city": ')
    ({}, {'city': 'Bern'}, None)
    """
    try:
        value = orjson.loads(text) if text.strip() else {}
        if text.count("{") + text.count("[") > SURELY_SHALLOW:
            orjson.dumps([[[[[[[[[[value]]]]]]]]]])  # at least as deep as it will stand in a request
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return value if type(value) is dict else None
