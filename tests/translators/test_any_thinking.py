"""Property: however clients ask for thinking, and beside whatever else, Bedrock takes what becomes of it."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.local.refusals import Refusal
from proxy.local.validation import check
from tests.plans import converse
from tests.translators.test_any_messages import CITY, TOOLS, chat, made
from translators.aws_errors import from_aws
from translators.chat import Plan
from translators.chat.repair import learn
from translators.chat.thinking import BUDGETS
from translators.errors import BadRequestError

# One of each kind of family by how it is asked, and by what cannot stand beside it.
MODELS = {
    "Claude 3": "anthropic.claude-3-haiku-20240307-v1:0",
    "Claude 3.7": "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "Claude 4": "us.anthropic.claude-opus-4-1-20250805-v1:0",
    "Claude 4.5": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "Claude 4.6": "us.anthropic.claude-sonnet-4-6",
    "Claude 4.7": "us.anthropic.claude-opus-4-7",
    "Claude 5": "us.anthropic.claude-sonnet-5",
    "Claude 5.5": "us.anthropic.claude-opus-5-5",
    "Claude Fable": "us.anthropic.claude-fable-5",
    "DeepSeek R1": "us.deepseek.r1-v1:0",
    "DeepSeek V3": "deepseek.v3-v1:0",
    "GLM": "zai.glm-5",
    "GPT": "us.openai.gpt-5.6-sol",
    "gpt-oss": "openai.gpt-oss-120b-1:0",
    "Kimi": "moonshotai.kimi-k2.5",
    "Kimi Thinking": "moonshot.kimi-k2-thinking",
    "Llama": "us.meta.llama3-3-70b-instruct-v1:0",
    "Magistral": "mistral.magistral-small-2509",
    "MiniMax": "minimax.minimax-m2",
    "Nova 1": "us.amazon.nova-pro-v1:0",
    "Nova 2": "us.amazon.nova-2-lite-v1:0",
    "Qwen": "qwen.qwen3-32b-v1:0",
}

Request = dict[str, Any]

CALL = {"id": "tooluse_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
USER = {"role": "user", "content": "Hi"}
THOUGHT = {"reasoning_content": "Hm."}
HISTORIES: list[list[Any]] = [
    [USER],
    [USER, {"role": "assistant", "content": "Hello.", **THOUGHT}, USER],
    [USER, {"role": "assistant", "content": "Hello."}],
    [
        USER,
        {"role": "assistant", "tool_calls": [CALL], **THOUGHT},
        {"role": "tool", "tool_call_id": "tooluse_1", "content": "Done."},
    ],
]
F = TOOLS[0]
CHOICES = [None, "auto", "none", "required", F]
CHOICES += [
    {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [F]}} for mode in ("auto", "required")
]
FORMATS = [None, {"type": "text"}, {"type": "json_object"}, CITY]

efforts = st.sampled_from([None, "none", *BUDGETS])
tokens = st.none() | st.sampled_from([1, 16, 1023, 1024, 1025, 4096, 32_000, 64_000, 128_000, 10**6])
tokens |= st.integers(1, 200_000)
numbers = st.none() | st.sampled_from([0, 0.5, 0.95, 1, 2])


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Request]:
    return st.fixed_dictionaries({}, optional=fields)


asking = optional(
    reasoning_effort=efforts,
    reasoning=st.none() | optional(effort=efforts, max_tokens=tokens, enabled=st.none() | st.booleans()),
    thinking=st.none()
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["enabled", "disabled", "adaptive"])}, optional={"budget_tokens": tokens}
    ),
)
beside = optional(
    max_tokens=tokens,
    max_completion_tokens=tokens,
    temperature=numbers,
    top_p=numbers.map(lambda number: number and min(number, 1)),
    top_k=st.none() | st.integers(-1, 500),
    stop=st.sampled_from([None, "END"]),
    parallel_tool_calls=st.booleans(),
    response_format=st.sampled_from(FORMATS),
)
tools: st.SearchStrategy[Request] = st.just({}) | st.sampled_from(CHOICES).map(
    lambda choice: {"tools": TOOLS, "tool_choice": choice}
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(asking, beside, tools, st.sampled_from(HISTORIES))
def test_however_it_is_asked_for_bedrock_takes_it(
    asking: Request, beside: Request, tools: Request, messages: list[Any]
) -> None:
    request = {"messages": messages, **asking, **beside, **tools}
    refused = {family: words for family, model in MODELS.items() if (words := answer(request, model))}

    # DeepSeek R1 takes no tools, and what is offered is not hidden from it.
    assert refused.keys() <= ({"DeepSeek R1"} if tools else set()), refused


def answer(request: Request, model: str) -> str | None:
    try:
        return refusal(made(request, model), request)
    except BadRequestError as refused:
        return refused.message


def refusal(asked: Plan, request: Request) -> str | None:
    """Of the request, or where it was above a limit that is in no table, of what we ask then."""
    try:
        check("Converse", asked.model_id, converse(asked))
    except Refusal as refused:
        learnt = learn(from_aws("ValidationException", refused.message), asked, chat(request, asked.model_id))
        return refusal(learnt, request) if learnt and LIMIT in refused.message else refused.message
    return None


LIMIT = "exceeds the model limit of"


@settings(max_examples=100, deadline=None)
@given(asking, beside, tools)
def test_a_budget_keeps_its_rules(asking: Request, beside: Request, tools: Request) -> None:
    request = {"messages": [USER], **asking, **beside, **tools}
    asked: Any = converse(made(request, MODELS["Claude 4.5"]))
    budget = asked.get("additionalModelRequestFields", {}).get("thinking", {}).get("budget_tokens")

    if budget:
        inference = asked.get("inferenceConfig", {})
        assert 1024 <= budget < inference.get("maxTokens", 64_000)
        assert not inference.keys() & {"temperature", "topP"}
        assert "toolChoice" not in asked.get("toolConfig", {}) or asked["toolConfig"]["toolChoice"] == {
            "auto": {}
        }
