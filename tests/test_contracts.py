"""Both vendors check our stories: botocore's service model, and the OpenAI SDK's own types."""

from typing import Any, get_args

import botocore.session
import pytest
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.model import Model

from proxy.local.validation import check
from tests.completions import DELTA_EXTENSIONS, EXTENSIONS, extensions
from tests.conftest import Story
from translators.chat.response import FINISH_REASONS
from translators.converse import StopReason
from translators.models import FoundationModel, Policy, RegionListing, known, model_list


@pytest.fixture(scope="session")
def converse_stream() -> OperationModel:
    service = botocore.session.get_session().get_service_model("bedrock-runtime")
    return service.operation_model("ConverseStream")


@pytest.fixture(scope="session")
def converse() -> OperationModel:
    return botocore.session.get_session().get_service_model("bedrock-runtime").operation_model("Converse")


def test_aws_accepts_our_requests(story: Story, converse_stream: OperationModel) -> None:
    request = story.read("2_converse.json")
    assert converse_stream.input_shape is not None
    report = ParamValidator().validate(request, converse_stream.input_shape)

    assert not report.has_errors(), report.generate_report()
    assert unknown_members(request, converse_stream.input_shape) == []


def test_the_strict_local_bedrock_accepts_our_requests(story: Story) -> None:
    request = story.read("2_converse.json")
    streamed = story.read("1_request.json").get("stream")
    model_id = request.pop("modelId")

    model = check("ConverseStream" if streamed else "Converse", model_id, request)

    assert model_id.endswith(model.id)  # a geography may stand before it


@pytest.mark.needs("3_response.json")
def test_our_responses_are_responses_of_aws(story: Story, converse: OperationModel) -> None:
    assert unknown_members(story.read("3_response.json"), converse.output_shape) == story_unknowns(story)


@pytest.mark.needs("3_events.jsonl")
def test_our_events_are_events_of_aws(story: Story, converse_stream: OperationModel) -> None:
    assert converse_stream.output_shape is not None
    stream = converse_stream.output_shape.members["stream"]
    unknown = [name for event in story.read("3_events.jsonl") for name in unknown_members(event, stream)]

    assert unknown == story_unknowns(story)


def story_unknowns(story: Story) -> list[str]:
    """Members that AWS's model does not have: seen on the wire, or of a Bedrock that is yet to come."""
    return story.read("3_unknown.json") if story.has("3_unknown.json") else []


@pytest.mark.needs("4_completion.json")
def test_openai_accepts_our_completions(story: Story) -> None:
    answer = story.read("4_completion.json")
    if "error" in answer:
        return  # the story ends in an error, which is no completion

    assert extensions(ChatCompletion.model_validate(answer, strict=True)) <= EXTENSIONS


@pytest.mark.needs("4_chunks.jsonl")
def test_openai_accepts_our_chunks(story: Story) -> None:
    for line in story.read("4_chunks.jsonl"):
        if "error" not in line:
            chunk = ChatCompletionChunk.model_validate(as_typed(line), strict=True)
            assert extensions(chunk) <= DELTA_EXTENSIONS


def as_typed(chunk: dict[str, Any]) -> dict[str, Any]:
    """Of a chunk's calls the SDK types only those of functions; OpenAI streams those of custom tools too."""
    for choice in chunk["choices"]:
        for call in choice["delta"].get("tool_calls", []):
            if call.get("type") == "custom":
                del call["type"]
    return chunk


def test_openai_accepts_our_models() -> None:
    model: FoundationModel = {
        "modelId": "a.model",
        "providerName": "A",
        "outputModalities": ["TEXT"],
        "inferenceTypesSupported": ["ON_DEMAND"],
        "responseStreamingSupported": True,
        "modelLifecycle": {"status": "ACTIVE", "endOfLifeTime": "2027-01-08T00:00:00Z"},
    }
    models = model_list(known([RegionListing(region="us-east-1", models=[model])], {}, "us-east-1"), Policy())

    assert [Model.model_validate(model, strict=True).id for model in models["data"]] == ["a.model"]


def test_every_stop_reason_of_aws_has_its_finish_reason(converse: OperationModel) -> None:
    theirs = converse.service_model.shape_for("StopReason").enum  # type: ignore[attr-defined]

    assert sorted(theirs) == sorted(get_args(StopReason)) == sorted(FINISH_REASONS)


def unknown_members(value: Any, shape: Shape | None) -> list[str]:
    """Names of members, at any depth, that the service model does not know."""
    if shape is None or getattr(shape, "is_document_type", False):
        return []
    if shape.type_name == "list" and isinstance(value, list):
        return [name for each in value for name in unknown_members(each, shape.member)]  # type: ignore[attr-defined]
    if shape.type_name != "structure" or not isinstance(value, dict):
        return []
    members: dict[str, Shape] = shape.members  # type: ignore[attr-defined]
    here = [f"{shape.name}.{key}" for key in value if key not in members]
    return here + [
        name for key, each in value.items() if key in members for name in unknown_members(each, members[key])
    ]
