"""JSON written and read on the way to Bedrock: what cannot be is the client's 400, with the field's path."""

from typing import Any

import orjson

from translators.errors import BadRequestError


def write(value: object, param: str | None = None) -> bytes:
    """Raises BadRequestError for what orjson reads but does not write: nesting deeper than about 250."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        where = f"Invalid '{param}': it" if param else "The request"
        raise BadRequestError(
            f"{where} cannot be passed on: {error}.", param=param, code="invalid_value"
        ) from None


def read_object(text: str, param: str) -> dict[str, Any]:
    """The JSON object that a client sends as text; empty text is an empty object."""
    try:
        value = orjson.loads(text or "{}")
    except orjson.JSONDecodeError as error:
        raise BadRequestError(
            f"Invalid '{param}': not valid JSON: {error}.", param=param, code="invalid_value"
        ) from None
    if type(value) is not dict:
        raise BadRequestError(
            f"Invalid '{param}': expected the JSON of an object.", param=param, code="invalid_value"
        )
    return value
