"""The user's script: JSON checked once, at the door; what is wrong is said with the path of its field.

    {"answers": [{"when": {"model": "*nova*", "text": "weather", "operation": "ConverseStream"},
                  "times": 1, "text": "Sunny.", "pace": 0.05, "drop_after": 3}]}

rule.py says what each field of a rule means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from proxy.local.fields import (
    Reader,
    ScriptError,
    a_list,
    an_object,
    count,
    flag,
    headers,
    record,
    seconds,
    text,
    whole_number,
    wrong,
)
from proxy.local.rule import CONVERSATIONS, OPERATIONS, Error, Operation, Rule, StreamException, When

__all__ = ["Script", "ScriptError", "load", "loads", "parse"]

# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors
STATUS = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelStreamErrorException": 424,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "UnrecognizedClientException": 403,
    "ValidationException": 400,
}


@dataclass(frozen=True, slots=True)
class Script:
    rules: tuple[Rule, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    """Access keys and Bedrock API keys, or patterns of them, and why they are refused."""
    denied: frozenset[str] = frozenset()
    """IAM actions that the caller may not use."""
    source: Mapping[str, Any] = field(default_factory=lambda: {"answers": []})
    """The JSON it was read from, to show."""


def load(path: str | Path) -> Script:
    """Raises ScriptError, and OSError where the file cannot be read."""
    return loads(Path(path).read_bytes())


def loads(data: bytes) -> Script:
    try:
        return parse(orjson.loads(data))
    except orjson.JSONDecodeError as error:
        raise ScriptError("", f"The script is not JSON: {error}.") from error


def parse(source: object) -> Script:
    """
    >>> parse({"answers": [{"text": "Hello."}]}).rules[0].text
    'Hello.'
    >>> parse({"answers": [{"delay": "1"}]})
    Traceback (most recent call last):
    proxy.local.fields.ScriptError: answers[0].delay: must be a number of seconds, 0 or more, not "1"
    """
    members = an_object(source, "")
    read = record(members, "", SCRIPT, required=("answers",))
    return Script(
        rules=tuple(read["answers"]),
        refused=read.get("refused", {}),
        denied=frozenset(read.get("denied", ())),
        source=members,
    )


# The readers of a rule's own fields.


def _rule(value: object, path: str) -> Rule:
    rule = Rule(**record(value, path, RULE))
    said = [
        name
        for name in ("text", "response", "events", "error", "drop")
        if getattr(rule, name) not in (None, False)
    ]
    if len(said) > 1:
        raise ScriptError(f"{path}.{said[1]}", f"cannot stand beside {said[0]!r}: one answer a rule")
    if rule.hold_after is not None and rule.hold is None:
        raise ScriptError(f"{path}.hold_after", "needs 'hold', the name to release")
    _check_operation(rule, path)
    if rule.response is not None and rule.when.operation in (None, *CONVERSATIONS):
        _check_content(rule.response, f"{path}.response")
    return rule


STREAM_ONLY = [
    "events",
    "exception",
    "first_frame_delay",
    "pace",
    "split",
    "hold_after",
    "end_after",
    "corrupt_after",
]


def _check_operation(rule: Rule, path: str) -> None:
    """A rule for one operation holds only what that operation can do."""
    operation = rule.when.operation
    if operation in (None, "ConverseStream"):
        return
    if operation != "Converse" and rule.when.text is not None:
        raise ScriptError(f"{path}.when.text", f"is not possible for {operation}, which has no text")
    impossible = STREAM_ONLY if operation == "Converse" else [*STREAM_ONLY, "text", "drop_after"]
    for name in impossible:
        if getattr(rule, name) not in (None, 0):
            raise ScriptError(f"{path}.{name}", f"is not possible for {operation}")


def _check_content(response: Mapping[str, Any], path: str) -> None:
    """Of a Converse response only the way to its blocks is checked: what else it says is the user's."""
    if "output" not in response:
        return
    message = record(response["output"], f"{path}.output", {"message": an_object}, required=("message",))
    content = message["message"].get("content")
    a_list(an_object)(content, f"{path}.output.message.content")


def _when(value: object, path: str) -> When:
    return When(**record(value, path, {"model": text, "text": text, "operation": _operation}))


def _error(value: object, path: str) -> Error:
    error = Error(**record(value, path, ERROR))
    if error.status:
        return error
    if error.type not in STATUS:
        raise ScriptError(f"{path}.status", f"is required unless type is one of {', '.join(STATUS)}")
    return replace(error, status=STATUS[error.type])


def _exception(value: object, path: str) -> StreamException:
    """Members beside type and after are the frame's own (message, originalStatusCode, ...)."""
    members = an_object(value, path)
    known = record(
        {name: members[name] for name in ("type", "after") if name in members},
        path,
        {"type": text, "after": count},
        required=("type",),
    )
    payload = {name: item for name, item in members.items() if name not in known}
    return StreamException(payload={"message": ""} | payload, **known)


def _event(value: object, path: str) -> Mapping[str, Any]:
    event = an_object(value, path)
    if len(event) != 1:
        raise ScriptError(path, f"must have one member, the event's name, not {len(event)}")
    for name, body in event.items():
        an_object(body, f"{path}.{name}")
    return event


def _times(value: object, path: str) -> int | None:
    if value == "always":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise wrong(path, 'a whole number, 1 or more, or "always"', value)
    return value


def _operation(value: object, path: str) -> Operation:
    for operation in OPERATIONS:
        if value == operation:
            return operation
    raise wrong(path, f"one of {', '.join(OPERATIONS)}", value)


def _refused(value: object, path: str) -> Mapping[str, str]:
    for key, how in an_object(value, path).items():
        if how not in ("expired", "invalid", "clock"):
            raise wrong(f"{path}.{key}", '"expired", "invalid" or "clock"', how)
    return an_object(value, path)


def _key(value: object, path: str) -> str:
    if value not in ("message", "Message"):
        raise wrong(path, '"message" or "Message"', value)
    return str(value)


SCRIPT: Mapping[str, Reader] = {
    "answers": a_list(_rule),
    "refused": _refused,
    "denied": a_list(text),
}

ERROR: Mapping[str, Reader] = {
    "status": whole_number(300, 599),
    "type": text,
    "message": text,
    "key": _key,
    "headers": headers,
    "body": text,
}

RULE: Mapping[str, Reader] = {
    "when": _when,
    "times": _times,
    "text": text,
    "response": an_object,
    "events": a_list(_event),
    "error": _error,
    "drop": flag,
    "exception": _exception,
    "delay": seconds,
    "first_frame_delay": seconds,
    "pace": seconds,
    "split": whole_number(1),
    "hold": text,
    "hold_after": count,
    "end_after": count,
    "drop_after": count,
    "corrupt_after": count,
}
