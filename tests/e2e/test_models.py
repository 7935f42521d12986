"""The models over sockets: what is listed whatever the control plane does, and which name leads to which model."""

import asyncio
import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import openai
import orjson
import pytest

from proxy.facts import facts
from proxy.local import catalogue
from proxy.settings import Discovery, Settings, load
from tests.e2e.door import Door
from tests.e2e.upstream import bedrock_that, read_request
from tests.servers import outcrop as serving_outcrop
from translators.model_ids import named_model
from translators.models import Include, Known, Policy, RegionListing, known, resolve

HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
HELLO: Any = [{"role": "user", "content": "Hello"}]
LOOKING = Discovery(enabled=True)
ALWAYS = Discovery(enabled=True, refresh_interval=0)
DENIED = {"type": "AccessDeniedException", "message": "User x is not authorized."}


@contextmanager
def looking(discovery: Discovery = LOOKING, **settings: Any) -> Iterator[httpx.Client]:
    with (
        serving_outcrop(Settings(discovery=discovery, **settings)) as url,
        httpx.Client(base_url=url, timeout=20) as http,
    ):
        yield http


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    return [model["id"] for model in answer.json()["data"]]


def on(operation: str, **rule: Any) -> dict[str, Any]:
    return {"when": {"operation": operation}, "times": "always", **rule}


def asked(door: Door) -> list[str]:
    return [request["operation"] for request in door.requests()]


# Discovery


def test_a_hundred_clients_at_once_cause_one_listing(door: Door) -> None:
    door.script(on("ListFoundationModels", hold="listing"))

    async def listed(url: str) -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=20) as http:
            asking = [asyncio.create_task(http.get("/v1/models")) for _ in range(100)]
            await asyncio.to_thread(door.requests, wait="answering")
            # All hundred are on their way, or wait, before the listing may end.
            await http.get("/livez")
            await asyncio.to_thread(door.release, "listing")
            return await asyncio.gather(*asking)

    with looking() as http:
        answers = asyncio.run(listed(str(http.base_url)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert asked(door).count("ListFoundationModels") == 1


def test_a_client_that_leaves_does_not_take_the_listing_from_the_others(door: Door) -> None:
    door.script(on("ListFoundationModels", hold="listing"))

    async def listed(url: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=url, timeout=20) as http:
            leaving = asyncio.create_task(http.get("/v1/models"))
            await asyncio.to_thread(door.requests, wait="answering")
            staying = asyncio.create_task(http.get("/v1/models"))
            await http.get("/livez")
            leaving.cancel()
            await asyncio.wait([leaving])
            await asyncio.to_thread(door.release, "listing")
            return await staying

    with looking() as http:
        assert asyncio.run(listed(str(http.base_url))).status_code == 200
    assert asked(door).count("ListFoundationModels") == 1


@pytest.mark.parametrize(("interval", "listings"), [("0", 2), ("60", 1)])
def test_the_listing_is_kept_as_long_as_the_environment_says(
    door: Door, interval: str, listings: int
) -> None:
    discovery = load({"OUTCROP_DISCOVERY_REFRESH_INTERVAL": interval}).discovery

    with looking(discovery) as http:
        answers = [http.get("/v1/models") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert asked(door).count("ListFoundationModels") == listings


def test_a_control_plane_that_does_not_answer_keeps_nobody_waiting(door: Door) -> None:
    """The server starts, and chats are answered, while the first listing is still being waited for."""
    door.script(on("ListFoundationModels", hold="listing"))

    with looking() as http:
        door.requests(wait="answering")
        chat = http.post("/v1/chat/completions", json={"model": HAIKU, "messages": HELLO})
        alive = http.get("/livez")
        assert {request["state"] for request in door.requests()} >= {"answering"}
        door.release("listing")

    assert (chat.status_code, alive.status_code) == (200, 200)
    assert chat.headers["x-outcrop-model"] == f"us.{HAIKU}"


def test_what_may_be_listed_is_listed(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    with looking(ALWAYS) as http:
        everything = ids(http.get("/v1/models"))
        door.script(on("ListFoundationModels", error=DENIED))
        profiles = [ids(http.get("/v1/models")) for _ in range(2)]
        door.script(on("ListInferenceProfiles", error=DENIED))
        models = ids(http.get("/v1/models"))

    # What nobody has facts about is not known to be for chats.
    unknown = {id for id in everything if is_profile(id) and named_model(id) not in {*facts(), ""}}
    assert set(profiles[0]) == set(profiles[1]) == {id for id in everything if is_profile(id)} - unknown
    assert set(models) == {id for id in everything if not is_profile(id)}
    assert len(profiles[0]) > 30
    assert len(models) > 30
    warnings = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert [warning.partition(" is not authorized")[0] for warning in warnings] == [
        f"The models of us-east-1 could not all be listed ({action}): User x"
        for action in ("bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles")
    ]


def is_profile(id: str) -> bool:
    return id.startswith(("us.", "global.", "arn:"))


def test_where_nothing_may_be_listed_both_actions_are_named(door: Door) -> None:
    door.script(on("ListFoundationModels", error=DENIED), on("ListInferenceProfiles", error=DENIED))

    with looking() as http:
        refused = http.get("/v1/models")
        one = http.get(f"/v1/models/{HAIKU}")
        door.script()
        granted = http.get("/v1/models")

    for answer in (refused, one):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "access_denied")
        assert (
            "bedrock:ListFoundationModels and bedrock:ListInferenceProfiles"
            in answer.json()["error"]["message"]
        )
    assert len(ids(granted)) > 60


FAILURES: dict[str, dict[str, Any]] = {
    "throttled": {"error": {"type": "ThrottlingException", "message": "Too many requests."}},
    "failing": {"error": {"type": "InternalServerException", "message": "It broke."}},
    "unreachable": {"drop": True},
    "not Bedrock": {"response": {}},
    "expired": {"error": {"type": "ExpiredTokenException", "message": "The security token is expired."}},
}


@pytest.mark.parametrize("operation", ["ListFoundationModels", "ListInferenceProfiles"])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_half_a_listing_is_none(door: Door, failure: dict[str, Any], operation: str) -> None:
    """Nothing is known after it; what was known before it, still is."""
    door.script(on(operation, **failure))

    with looking(ALWAYS) as http:
        unknown = http.get("/v1/models")
        door.script()
        good = http.get("/v1/models")
        door.script(on(operation, **failure))
        after = http.get("/v1/models")

    assert (unknown.status_code, unknown.json()["error"]["type"]) == (503, "server_error")
    assert unknown.json()["error"]["message"].startswith("The models could not be listed: ")
    assert len(ids(good)) > 60
    assert after.content == good.content


def test_two_regions_are_listed_together(door: Door) -> None:
    with looking(Discovery(enabled=True, region=("eu-west-1", "us-east-1"))) as http:
        listed = {model["id"]: model for model in http.get("/v1/models").json()["data"]}
        chat = http.post("/v1/chat/completions", json={"model": HAIKU, "messages": HELLO})

    assert {f"eu.{HAIKU}", f"us.{HAIKU}", f"global.{HAIKU}"} <= set(listed)
    assert listed[f"eu.{HAIKU}"]["regions"][0].startswith("eu-")
    assert chat.headers["x-outcrop-model"] == f"eu.{HAIKU}", "the first region is preferred"


def test_what_is_invoked_in_another_region_is_signed_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []
    said = {"message": {"role": "assistant", "content": [{"text": "Hi"}]}}
    usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
    answer = orjson.dumps({"output": said, "stopReason": "end_turn", "usage": usage})

    def answers(connection: socket.socket) -> None:
        heads.append(read_request(connection))
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % len(answer) + answer)

    arn = f"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.{HAIKU}"
    with bedrock_that(answers) as upstream:
        monkeypatch.setenv("AWS_ENDPOINT_URL", upstream)
        monkeypatch.delenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", raising=False)
        with serving_outcrop() as url:
            told = httpx.post(f"{url}/v1/chat/completions", json={"model": arn, "messages": HELLO})

    assert told.headers["x-outcrop-model"] == arn
    scope = re.search(rb"Credential=test/\d+/([a-z0-9-]+)/bedrock/", heads[0])
    assert scope
    assert scope[1] == b"eu-west-1"


def test_an_accounts_own_models_are_listed_where_asked_for(door: Door) -> None:
    account = "arn:aws:bedrock:us-east-1:123456789012"
    imported = {"modelArn": f"{account}:imported-model/a", "modelName": "Mine", "instructSupported": True}
    router = {
        "promptRouterArn": f"{account}:default-prompt-router/a:1",
        "promptRouterName": "Router",
        "models": [],
        "fallbackModel": {"modelArn": f"{account}:inference-profile/us.{HAIKU}"},
        "status": "AVAILABLE",
    }
    door.script(
        on("ListImportedModels", response={"modelSummaries": [imported]}),
        on("ListPromptRouters", response={"promptRouterSummaries": [router]}),
        on("ListCustomModelDeployments", error=DENIED),
    )
    include: frozenset[Include] = frozenset({"imported", "routers", "deployments", "provisioned", "legacy"})

    with looking(Discovery(enabled=True, include=include)) as http:
        listed = {model["id"]: model for model in http.get("/v1/models").json()["data"]}

    assert listed[imported["modelArn"]]["inference_type"] == "imported_model"
    assert listed[router["promptRouterArn"]]["context_length"] == 200_000
    assert {model["lifecycle"]["status"] for model in listed.values()} == {"ACTIVE", "LEGACY"}
    assert {"ListCustomModelDeployments", "ListProvisionedModelThroughputs"} <= set(asked(door))


def test_a_listed_application_profile_is_known_without_being_asked_for(door: Door) -> None:
    with looking() as http:
        arn = next(id for id in ids(http.get("/v1/models")) if id.startswith("arn:"))
        answer = http.post("/v1/chat/completions", json={"model": arn, "messages": HELLO})

    assert answer.headers["x-outcrop-model"] == arn
    assert "GetInferenceProfile" not in asked(door)


def test_what_tools_read_of_a_model(client: openai.OpenAI) -> None:
    haiku = client.models.retrieve(f"us.{HAIKU}").model_dump()

    assert haiku == {
        "id": f"us.{HAIKU}",
        "object": "model",
        "created": 1735689600,
        "owned_by": "Anthropic",
        "shutdown_date": None,
        "name": "US Anthropic Claude Haiku 4.5",
        "context_length": 200_000,
        "context_window": 200_000,
        "max_output_tokens": 64_000,
        "input_modalities": ["text", "image"],
        "output_modalities": ["text"],
        "reasoning": True,
        "tools": True,
        "supported_parameters": [
            *(
                "max_completion_tokens",
                "max_tokens",
                "n",
                "response_format",
                "stream",
                "temperature",
                "top_p",
            ),
            *("stop", "tools", "tool_choice", "structured_outputs", "reasoning", "reasoning_effort"),
        ],
        "lifecycle": {"status": "ACTIVE"},
        "inference_type": "inference_profile",
        "regions": ["ca-central-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"],
    }


# Names


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("model", "invoked"),
    [
        (HAIKU, f"us.{HAIKU}"),
        ("claude-haiku-4-5", f"us.{HAIKU}"),
        ("global.claude-haiku-4-5", f"global.{HAIKU}"),
        (f"bedrock/{HAIKU}", f"us.{HAIKU}"),
        (f"arn:aws:bedrock:us-east-1::foundation-model/{HAIKU}", f"us.{HAIKU}"),
        ("openai/gpt-oss-120b", "openai.gpt-oss-120b-1:0"),
        ("openai.gpt-oss-120b-1:0", "openai.gpt-oss-120b-1:0"),
    ],
)
def test_a_chat_by_any_name(
    client: openai.OpenAI, door: Door, model: str, invoked: str, stream: bool
) -> None:
    """The answer's model is what the client called it; the header says what was invoked."""
    create: Any = client.chat.completions.with_raw_response.create
    answer = create(model=model, messages=HELLO, stream=stream)
    told = list(answer.parse()) if stream else [answer.parse()]

    assert {each.model for each in told} == {model}
    assert answer.headers["x-outcrop-model"] == invoked
    assert [request["modelId"] for request in door.requests()] == [invoked]


def test_names_of_the_users_own(door: Door) -> None:
    aliases = {"fast": "nova-micro", "gpt-4o": f"us.{HAIKU}"}
    with looking(aliases=aliases) as http:
        listed = ids(http.get("/v1/models"))
        one = http.get("/v1/models/fast").json()
        answers = [
            http.post("/v1/chat/completions", json={"model": model, "messages": HELLO})
            for model in ("fast", "openai/gpt-4o")
        ]

    assert {"fast", "gpt-4o"} <= set(listed)
    assert one["id"] == "fast"
    assert [answer.headers["x-outcrop-model"] for answer in answers] == [
        "amazon.nova-micro-v1:0",
        f"us.{HAIKU}",
    ]


def test_profiles_that_the_user_forbids_are_not_used(door: Door) -> None:
    with looking(cross_region="none") as http:
        http.get("/v1/models")
        answer = http.post("/v1/chat/completions", json={"model": HAIKU, "messages": HELLO})

    assert (answer.status_code, answer.headers["x-outcrop-model"]) == (400, HAIKU)
    assert "on-demand throughput isn\u2019t supported" in answer.json()["error"]["message"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_does_not_exist_is_near_to_others(
    client: openai.OpenAI, door: Door, stream: bool
) -> None:
    asked_for = "us.anthropic.claude-haiku-4-6-20251001-v1:0"
    with pytest.raises(openai.NotFoundError, match=r"identifier is invalid\. .* Did you mean us\.") as caught:
        client.chat.completions.create(model=asked_for, messages=HELLO, stream=stream)

    assert f"us.{HAIKU}" in caught.value.message
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    assert caught.value.response.headers["x-outcrop-model"] == asked_for


def test_a_model_that_is_not_listed_is_near_to_others(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match=r"Did you mean amazon\.nova-micro-v1:0"):
        client.models.retrieve("nova-mikro")


ACCOUNT = "arn:aws:bedrock:us-east-1:123456789012"


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("claude-haiku-4-5", f"us.{HAIKU}"),
        (HAIKU, f"us.{HAIKU}"),
        (f"bedrock/global.{HAIKU}", f"global.{HAIKU}"),
        (f"arn:aws:bedrock:us-east-1::foundation-model/{HAIKU}", f"us.{HAIKU}"),
        (f"{ACCOUNT}:inference-profile/us.{HAIKU}", f"{ACCOUNT}:inference-profile/us.{HAIKU}"),
        (f"{ACCOUNT}:application-inference-profile/1arbu5hu2sjr",) * 2,
    ],
)
def test_a_model_is_found_by_every_name_of_it(client: openai.OpenAI, name: str, id: str) -> None:
    found = client.models.retrieve(name).model_dump()

    assert found["id"] == id
    assert (found["context_length"], found["owned_by"]) == (200_000, "Anthropic")


def test_what_takes_no_chat_is_no_model_of_ours(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("amazon.titan-embed-text-v2:0")


REGION = "us-east-1"
LISTED = RegionListing(
    region=REGION,
    models=catalogue.foundation_models(),  # type: ignore[arg-type]
    profiles=catalogue.inference_profiles(),  # type: ignore[arg-type]
)
CALLABLE = [
    model.id
    for model in catalogue.models().values()
    if model.converse
    and {"ON_DEMAND", "INFERENCE_PROFILE"} & set(model.inference_types)
    and model.lifecycle["status"] != "RETIRED"
]


@pytest.mark.parametrize(
    "models", [known([LISTED], facts(), REGION), known([], facts(), REGION)], ids=["warm", "cold"]
)
def test_every_model_is_taken_by_bedrock_under_each_of_its_names(models: Known) -> None:
    callable_models = [model for model in CALLABLE if models.invocable or model in facts()]
    assert len(callable_models) > 76
    for model in callable_models:
        for name in (model, f"bedrock/{model}", f"arn:aws:bedrock:{REGION}::foundation-model/{model}"):
            assert catalogue.resolve(resolve(name, models, Policy()).model_id).id == model, name
