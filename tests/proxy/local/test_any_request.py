"""Any JSON at all is either taken or refused: nothing a client sends makes the local Bedrock stumble."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.local import catalogue
from proxy.local.call import ConverseOperation
from proxy.local.refusals import Refusal
from proxy.local.validation import check
from tests.proxy.local import requests as r

FULL = r.body(
    r.user(r.HI, r.image(), r.document(), r.CACHE),
    r.assistant({"text": "Let me look."}, r.call("t1")),
    r.user(r.result("t1", r.HI, r.image(), status="success"), {"text": "And this?"}, r.video()),
    system=[{"text": "Be brief."}, r.CACHE],
    inferenceConfig={"maxTokens": 64, "temperature": 0.5, "topP": 1, "stopSequences": ["END"]},
    toolConfig={"tools": [r.TOOL, r.CACHE], "toolChoice": {"tool": {"name": "weather"}}},
    outputConfig={"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": "{}"}}}},
    additionalModelRequestFields={"thinking": {"type": "enabled", "budget_tokens": 1024}},
    requestMetadata={"team": "search"},
)

# Any: a place in JSON is a sequence of keys and numbers.
Place = tuple[Any, ...]


def places(value: r.JSON, here: Place = ()) -> Iterator[Place]:
    yield here
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*here, key))


def replaced(value: r.JSON, place: Place, new: r.JSON) -> r.JSON:
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = replaced(value[place[0]], place[1:], new)
    return copy


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(list(places(FULL))),
    anything,
    st.sampled_from([r.CLAUDE, *(model.id for model in catalogue.models().values())]),
    st.sampled_from(["Converse", "ConverseStream"]),
)
def test_any_json_is_taken_or_refused(
    place: Place, new: r.JSON, model_id: str, operation: ConverseOperation
) -> None:
    outcome = taken_or_refused(operation, model_id, replaced(FULL, place, new))

    assert outcome in (200, 400, 403, 404)


def taken_or_refused(operation: ConverseOperation, model_id: str, request: r.JSON) -> int:
    try:
        check(operation, model_id, request)
    except Refusal as refusal:
        return refusal.status
    return 200
