"""A Converse request laid out for the rules: every content block with the place it stands at.

Bedrock names places by counting from 0: `messages.2.content.0`, and within a tool's result
`messages.2.content.0.toolResult.content.1`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from proxy.local.catalogue import Model

ConverseOperation = Literal["Converse", "ConverseStream"]

# Any: JSON, whose types were checked against AWS's service model before.
JSON = Any


@dataclass(slots=True)
class PlacedBlock:
    kind: str
    value: JSON
    role: str
    message: int
    position: int
    result_position: int | None = None
    """Where in a tool's result the block stands, if it stands in one."""

    @property
    def path(self) -> str:
        place = f"messages.{self.message}.content.{self.position}"
        return place if self.result_position is None else f"{place}.toolResult.content.{self.result_position}"


@dataclass(kw_only=True)
class Call:
    """One call of a model, null members left out of what the accessors give."""

    operation: ConverseOperation
    model: Model
    request: Mapping[str, JSON]
    signatures_are_ours: bool = True
    """False for recorded requests: nobody but AWS can say whether their signatures are genuine."""
    messages: list[list[PlacedBlock]] = field(init=False)
    """The blocks of each message, tool results whole."""

    def __post_init__(self) -> None:
        self.messages = [list(_blocks(m, number)) for number, m in enumerate(self._get("messages", []))]

    def _get(self, name: str, default: JSON) -> JSON:
        value = self.request.get(name)
        return default if value is None else value

    @property
    def roles(self) -> list[str]:
        return [message["role"] for message in self._get("messages", [])]

    @property
    def system(self) -> list[JSON]:
        return list(self._get("system", []))

    @property
    def inference(self) -> dict[str, JSON]:
        return {name: value for name, value in self._get("inferenceConfig", {}).items() if value is not None}

    @property
    def tools(self) -> list[JSON]:
        return list(self._get("toolConfig", {}).get("tools") or [])

    @property
    def tool_choice(self) -> tuple[str, JSON] | None:
        """The kind of toolChoice and what it says."""
        choice = self._get("toolConfig", {}).get("toolChoice") or {}
        return next(((kind, value) for kind, value in choice.items() if value is not None), None)

    @property
    def text_format(self) -> JSON:
        return self._get("outputConfig", {}).get("textFormat")

    @property
    def additional(self) -> dict[str, JSON]:
        fields = self._get("additionalModelRequestFields", {})
        return fields if isinstance(fields, dict) else {}

    def blocks(self, *kinds: str, results: bool = False) -> Iterator[PlacedBlock]:
        """The blocks of these kinds in order; with `results` also those inside tool results."""
        for message in self.messages:
            for block in message:
                if block.kind in kinds:
                    yield block
                if results and block.kind == "toolResult":
                    yield from (inner for inner in result_blocks(block) if inner.kind in kinds)


def result_blocks(block: PlacedBlock) -> Iterator[PlacedBlock]:
    """What is inside a toolResult."""
    for position, content in enumerate(block.value["content"]):
        kind, value = _only_member(content)
        yield PlacedBlock(kind, value, block.role, block.message, block.position, position)


def _blocks(message: Mapping[str, JSON], number: int) -> Iterator[PlacedBlock]:
    for position, content in enumerate(message["content"]):
        kind, value = _only_member(content)
        yield PlacedBlock(kind, value, message["role"], number, position)


def _only_member(content: Mapping[str, JSON]) -> tuple[str, JSON]:
    """A union's one member; a union with only members that nobody knows yet was refused before."""
    return next((kind, value) for kind, value in content.items() if value is not None)
