"""What real clients sent: each chat request is taken, and what it becomes is taken by the strict local Bedrock.

The captured requests are not part of the project; without them these tests are skipped.
"""

import pytest

from proxy.local.validation import check
from tests.client_requests import FOLDER, REFUSED, chats, read
from tests.plans import converse
from tests.samples import PNG
from translators.chat import plan
from translators.chat.remote import remote_media, with_fetched
from translators.errors import BadRequestError
from translators.openai import ChatCompletionRequest
from translators.shapes import conform

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the captured requests are not here")


def request(name: str) -> ChatCompletionRequest:
    """As it is when its remote images are fetched."""
    asked = conform(read(name, model=MODEL), ChatCompletionRequest)
    return with_fetched(asked, dict.fromkeys(remote_media(asked), f"data:image/png;base64,{PNG}"))


def test_all_of_them_are_here() -> None:
    assert len(chats()) == 90
    assert set(REFUSED) <= set(chats())


@pytest.mark.parametrize("name", [name for name in chats() if name not in REFUSED])
def test_a_captured_request_is_taken(name: str) -> None:
    asked = plan(request(name))

    assert check("ConverseStream" if asked.stream else "Converse", asked.model_id, converse(asked))


@pytest.mark.parametrize(("name", "param"), REFUSED.items())
def test_what_is_not_served_is_named(name: str, param: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        plan(request(name))

    assert caught.value.param == param
