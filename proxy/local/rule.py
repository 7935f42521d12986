"""One rule of a script: when it answers, what it says (the built-in answer if nothing), how it arrives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from proxy.local.call import ConverseOperation

Operation = Literal[
    ConverseOperation,
    "ListFoundationModels",
    "ListInferenceProfiles",
    "GetInferenceProfile",
    "GetFoundationModelAvailability",
    "ListImportedModels",
    "ListCustomModelDeployments",
    "ListProvisionedModelThroughputs",
    "ListPromptRouters",
]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
CONVERSATIONS: tuple[ConverseOperation, ...] = get_args(ConverseOperation)


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


BUILT_IN = Rule(times=None)
"""Says and does nothing special: what answers when no rule of the script does."""
