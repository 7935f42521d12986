"""The user's script: JSON checked once, at the door; what is wrong is said with the path of its field.

    {"answers": [{"when": {"model": "*nova*", "text": "weather", "operation": "ConverseStream"},
                  "times": 1, "text": "Sunny.", "pace": 0.05, "drop_after": 3}]}

A rule says when it answers, what (the built-in answer if it says nothing) and how it arrives.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, get_args

import orjson

Operation = Literal[
    "Converse", "ConverseStream", "ListFoundationModels", "ListInferenceProfiles", "GetInferenceProfile"
]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
CONVERSATIONS = ("Converse", "ConverseStream")

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


class ScriptError(ValueError):
    """The script cannot be used; `path` is the field that says why."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    model: str | None = None
    text: str | None = None
    operation: Operation | None = None

    def matches(self, operation: Operation, model: str, text: str) -> bool:
        return (
            (self.operation == operation if self.operation else operation in CONVERSATIONS)
            and (self.model is None or fnmatchcase(model, self.model))
            and (self.text is None or self.text in text)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Error:
    """An answer that is not 200; `body` where it is not Bedrock's own (a gateway's page)."""

    status: int = 0
    type: str = ""
    message: str = ""
    key: str = "message"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamException:
    type: str
    payload: Mapping[str, Any]
    after: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One entry of `answers`. `times` None is always; counts of `..._after` are of events sent before."""

    when: When = field(default_factory=When)
    times: int | None = 1
    text: str | None = None
    response: Mapping[str, Any] | None = None
    events: list[Mapping[str, Any]] | None = None
    error: Error | None = None
    drop: bool = False
    exception: StreamException | None = None
    delay: float = 0
    first_frame_delay: float = 0
    pace: float = 0
    split: int | None = None
    hold: str | None = None
    hold_after: int | None = None
    end_after: int | None = None
    drop_after: int | None = None
    corrupt_after: int | None = None

    def matches(self, operation: Operation, model: str, text: str) -> bool:
        if operation != "ConverseStream" and (self.events is not None or self.exception):
            return False  # these can only be said in a stream
        return self.when.matches(operation, model, text)


@dataclass(frozen=True, slots=True)
class Script:
    rules: tuple[Rule, ...] = ()
    source: Mapping[str, Any] = field(default_factory=lambda: {"answers": []})
    """The JSON it was read from, to show."""


BUILT_IN = Rule(times=None)
"""Says and does nothing special: what answers when no rule of the script does."""


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
    proxy.local.script.ScriptError: answers[0].delay: must be a number of seconds, 0 or more, not "1"
    """
    read = _record(source, "", {"answers": _list(_rule)}, required=("answers",))
    return Script(tuple(read["answers"]), {"answers": read["answers"] and source["answers"]})  # type: ignore[index]


# The readers: a value and its path in, what the rule holds out.

Reader = Callable[[object, str], Any]


def _rule(value: object, path: str) -> Rule:
    rule = Rule(**_record(value, path, RULE))
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
    message = _record(response["output"], f"{path}.output", {"message": _object}, required=("message",))
    content = message["message"].get("content")
    _list(_object)(content, f"{path}.output.message.content")


def _when(value: object, path: str) -> When:
    return When(**_record(value, path, {"model": _text, "text": _text, "operation": _operation}))


def _error(value: object, path: str) -> Error:
    error = Error(**_record(value, path, ERROR))
    if error.status:
        return error
    if error.type not in STATUS:
        raise ScriptError(f"{path}.status", f"is required unless type is one of {', '.join(STATUS)}")
    return Error(**{**_fields(error), "status": STATUS[error.type]})


def _fields(error: Error) -> dict[str, Any]:
    return {name: getattr(error, name) for name in ERROR}


def _exception(value: object, path: str) -> StreamException:
    """Members beside type and after are the frame's own (message, originalStatusCode, ...)."""
    members = _object(value, path)
    known = _record(
        {name: members[name] for name in ("type", "after") if name in members},
        path,
        {"type": _text, "after": _count},
        required=("type",),
    )
    payload = {name: item for name, item in members.items() if name not in known}
    return StreamException(payload={"message": ""} | payload, **known)


def _event(value: object, path: str) -> Mapping[str, Any]:
    event = _object(value, path)
    if len(event) != 1:
        raise ScriptError(path, f"must have one member, the event's name, not {len(event)}")
    for name, body in event.items():
        _object(body, f"{path}.{name}")
    return event


def _record(
    value: object, path: str, fields: Mapping[str, Reader], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    members = _object(value, path)
    prefix = f"{path}." if path else ""
    for name in required:
        if name not in members:
            raise ScriptError(f"{prefix}{name}", "is required")
    for name in members:
        if name not in fields:
            raise ScriptError(f"{prefix}{name}", f"is not known here; known are {', '.join(fields)}")
    return {name: fields[name](item, f"{prefix}{name}") for name, item in members.items()}


def _wrong(path: str, expected: str, value: object) -> ScriptError:
    shown = orjson.dumps(value).decode()
    return ScriptError(path, f"must be {expected}, not {shown if len(shown) <= 60 else shown[:57] + '...'}")


def _object(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(path, "an object", value) if path else ScriptError("", "The script must be an object.")
    return value


def _list(item: Reader) -> Reader:
    def read(value: object, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong(path, "a list", value)
        return [item(element, f"{path}[{index}]") for index, element in enumerate(value)]

    return read


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong(path, "a string", value)
    return value


def _flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "true or false", value)
    return value


def _whole_number(least: int, most: int | None = None) -> Reader:
    span = f"{least} or more" if most is None else f"{least} to {most}"

    def read(value: object, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least or value > (most or value):
            raise _wrong(path, f"a whole number, {span}", value)
        return value

    return read


_count = _whole_number(0)


def _seconds(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise _wrong(path, "a number of seconds, 0 or more", value)
    return float(value)


def _times(value: object, path: str) -> int | None:
    if value == "always":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _wrong(path, 'a whole number, 1 or more, or "always"', value)
    return value


def _operation(value: object, path: str) -> Operation:
    for operation in OPERATIONS:
        if value == operation:
            return operation
    raise _wrong(path, f"one of {', '.join(OPERATIONS)}", value)


def _key(value: object, path: str) -> str:
    if value not in ("message", "Message"):
        raise _wrong(path, '"message" or "Message"', value)
    return str(value)


def _strings(value: object, path: str) -> dict[str, str]:
    return {name: _text(item, f"{path}.{name}") for name, item in _object(value, path).items()}


ERROR: Mapping[str, Reader] = {
    "status": _whole_number(300, 599),
    "type": _text,
    "message": _text,
    "key": _key,
    "headers": _strings,
    "body": _text,
}

RULE: Mapping[str, Reader] = {
    "when": _when,
    "times": _times,
    "text": _text,
    "response": _object,
    "events": _list(_event),
    "error": _error,
    "drop": _flag,
    "exception": _exception,
    "delay": _seconds,
    "first_frame_delay": _seconds,
    "pace": _seconds,
    "split": _whole_number(1),
    "hold": _text,
    "hold_after": _count,
    "end_after": _count,
    "drop_after": _count,
    "corrupt_after": _count,
}
