"""boto3's own client works against the local Bedrock unchanged."""

from base64 import b64decode
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EventStreamError
from botocore.parsers import ResponseParserError

from tests.proxy.local.caller import Caller
from tests.proxy.local.conftest import local
from tests.proxy.local.requests import TIME, WEATHER, tool_config, user
from tests.samples import MODEL, PNG

HELLO = [user("Hello")]


def joined(response: Any) -> str:
    return "".join(block.get("text", "") for block in response["output"]["message"]["content"])


def test_converse_answers_in_words_that_show_what_it_received(runtime: Any) -> None:
    response = runtime.converse(modelId=MODEL, messages=HELLO, system=[{"text": "Be kind."}])
    assert joined(response) == (
        'You said: "Hello". I received 1 turn, a system prompt, 0 images, 0 documents and 0 tools.'
    )
    assert response["stopReason"] == "end_turn"
    assert response["usage"]["totalTokens"] == (
        response["usage"]["inputTokens"] + response["usage"]["outputTokens"]
    )


def test_converse_stream_says_the_same_in_events(runtime: Any) -> None:
    whole = joined(runtime.converse(modelId=MODEL, messages=HELLO))
    events = list(runtime.converse_stream(modelId=MODEL, messages=HELLO)["stream"])
    texts = [event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event]
    assert "".join(texts) == whole
    assert len(texts) > 5
    assert [next(iter(event)) for event in events if "contentBlockDelta" not in event] == [
        "messageStart",
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]


def test_an_image_is_counted(runtime: Any) -> None:
    image = {"image": {"format": "png", "source": {"bytes": b64decode(PNG)}}}
    response = runtime.converse(modelId=MODEL, messages=[user("What is this?", image)])
    assert "1 image," in joined(response)
    assert response["usage"]["inputTokens"] > 1000


def test_parallel_tools_are_called_and_their_results_are_told(runtime: Any) -> None:
    messages = [user("Call get_weather for Paris and get_time please")]
    config = tool_config(WEATHER, TIME)
    response = runtime.converse(modelId=MODEL, messages=messages, toolConfig=config)
    answer = response["output"]["message"]
    calls = [block["toolUse"] for block in answer["content"] if "toolUse" in block]
    assert [(call["name"], call["input"]) for call in calls] == [
        ("get_weather", {"city": "Paris"}),
        ("get_time", {}),
    ]
    assert response["stopReason"] == "tool_use"

    results = [
        {"toolResult": {"toolUseId": calls[0]["toolUseId"], "content": [{"text": "21 degrees"}]}},
        {"toolResult": {"toolUseId": calls[1]["toolUseId"], "content": [{"json": {"hour": 9}}]}},
    ]
    messages += [answer, user(*results)]
    text = joined(runtime.converse(modelId=MODEL, messages=messages, toolConfig=config))
    assert 'get_weather returned: 21 degrees. get_time returned: {"hour":9}.' in text


def test_a_streamed_tool_call_starts_with_an_empty_fragment(runtime: Any) -> None:
    events = list(
        runtime.converse_stream(
            modelId=MODEL,
            messages=[user("Call get_weather for Paris")],
            toolConfig=tool_config(WEATHER, toolChoice={"any": {}}),
        )["stream"]
    )
    starts = [event["contentBlockStart"]["start"] for event in events if "contentBlockStart" in event]
    assert [start["toolUse"]["name"] for start in starts] == ["get_weather"]
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    fragments = [delta["toolUse"]["input"] for delta in deltas]
    assert fragments[0] == ""
    assert "".join(fragments) == '{"city":"Paris"}'


def test_the_catalogue_is_listed_and_paged(control: Any) -> None:
    models = control.list_foundation_models()["modelSummaries"]
    assert MODEL in {model["modelId"] for model in models}
    pages = control.get_paginator("list_inference_profiles").paginate(PaginationConfig={"PageSize": 7})
    paged = [profile for page in pages for profile in page["inferenceProfileSummaries"]]
    at_once = control.list_inference_profiles(maxResults=1000)["inferenceProfileSummaries"]
    assert len(at_once) > 7
    assert [profile["inferenceProfileId"] for profile in paged] == [
        profile["inferenceProfileId"] for profile in at_once
    ]


def test_a_profile_is_found_and_called_by_id_and_by_arn(control: Any, runtime: Any) -> None:
    listed = control.list_inference_profiles(maxResults=1000)["inferenceProfileSummaries"]
    profile = next(one for one in listed if "claude" in one["inferenceProfileId"])
    for name in (profile["inferenceProfileId"], profile["inferenceProfileArn"]):
        found = control.get_inference_profile(inferenceProfileIdentifier=name)
        assert found["inferenceProfileArn"] == profile["inferenceProfileArn"]
        assert joined(runtime.converse(modelId=name, messages=HELLO)).startswith('You said: "Hello"')


def test_a_models_availability_is_told(control: Any) -> None:
    told = control.get_foundation_model_availability(modelId=MODEL)
    assert (told["modelId"], told["authorizationStatus"]) == (MODEL, "AUTHORIZED")
    with pytest.raises(control.exceptions.ResourceNotFoundException):
        control.get_foundation_model_availability(modelId=f"us.{MODEL}")


def test_who_calls_is_told_unless_the_script_refuses_the_key(url: str, caller: Caller) -> None:
    with closing(boto3.client("sts", **local(url))) as sts:
        assert sts.get_caller_identity()["Account"] == "123456789012"
        for how, code in [("expired", "ExpiredToken"), ("invalid", "InvalidClientTokenId")]:
            caller.script(refused={"AKID*": how})
            with pytest.raises(ClientError) as caught:
                sts.get_caller_identity()
            assert caught.value.response["Error"]["Code"] == code
        with pytest.raises(ClientError, match="InvalidAction"):
            sts.get_session_token()


@pytest.mark.parametrize("operation", ["converse", "converse_stream"])
def test_a_refusal_is_the_exception_users_catch(runtime: Any, operation: str) -> None:
    with pytest.raises(runtime.exceptions.ValidationException) as caught:
        getattr(runtime, operation)(modelId="no.such-model", messages=HELLO)
    assert caught.value.response["Error"]["Message"] == "The provided model identifier is invalid."
    assert caught.value.response["ResponseMetadata"]["RequestId"]


def test_a_scripted_throttling_is_the_exception_users_catch(runtime: Any, caller: Caller) -> None:
    caller.script({"error": {"type": "ThrottlingException", "message": "Too many requests."}})
    with pytest.raises(runtime.exceptions.ThrottlingException, match="Too many requests"):
        runtime.converse(modelId=MODEL, messages=HELLO)


def test_an_exception_in_the_stream_is_an_event_stream_error(runtime: Any, caller: Caller) -> None:
    caller.script({"exception": {"type": "throttlingException", "message": "Slow down.", "after": 3}})
    seen: list[Any] = []
    with (
        closing(runtime.converse_stream(modelId=MODEL, messages=HELLO)["stream"]) as stream,
        pytest.raises(EventStreamError, match="Slow down") as caught,
    ):
        seen.extend(stream)
    assert caught.value.response["Error"]["Code"] == "throttlingException"
    assert len(seen) == 3


def test_a_listing_can_be_refused_and_replaced(control: Any, caller: Caller) -> None:
    caller.script(
        {"when": {"operation": "ListFoundationModels"}, "error": {"type": "AccessDeniedException"}},
        {"when": {"operation": "ListFoundationModels"}, "response": {"modelSummaries": []}},
    )
    with pytest.raises(control.exceptions.AccessDeniedException):
        control.list_foundation_models()
    assert control.list_foundation_models()["modelSummaries"] == []
    assert len(control.list_foundation_models()["modelSummaries"]) > 50


def test_a_gateways_page_is_an_error_without_a_type(runtime: Any, caller: Caller) -> None:
    caller.script({"error": {"status": 502, "body": "<html>Bad gateway</html>"}})
    with pytest.raises((ClientError, ResponseParserError)):
        runtime.converse(modelId=MODEL, messages=HELLO)
