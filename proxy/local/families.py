"""What the model behind Bedrock says no to, each family in its own words.

A rule runs for the models that have its trait; which those are, and the evidence, is in `traits.json`.
"""

from collections.abc import Callable
from itertools import pairwise
from math import ceil

from proxy.local import images, tool_rules
from proxy.local.call import Call, PlacedBlock
from proxy.local.refusals import Refusal, from_model, validation
from proxy.local.tokens import CHARACTERS_PER_TOKEN

MAX_TEXT_BYTES = 9_000_000
MAX_IMAGES = 100
MAX_IMAGES_BEFORE = 20
MAX_IMAGE_BASE64 = 5 * 1024 * 1024
MAX_IMAGE_PIXELS = 8000
MANY_IMAGES = 20
MAX_PIXELS_OF_MANY = 2000


def check(call: Call) -> None:
    """Raise the first Refusal."""
    for trait, rule in RULES:
        if trait is None or call.model.has(trait):
            rule(call)


def text_is_not_whitespace(call: Call) -> None:
    for message in call.messages:
        texts = [block.value for block in message if block.kind == "text"]
        # A lone line feed beside other text was recorded as accepted.
        if texts and not any(text.strip() for text in texts):
            raise from_model("messages: text content blocks must contain non-whitespace text")
    if any(item["text"].isspace() for item in call.system if item.get("text")):
        raise from_model("system: text content blocks must contain non-whitespace text")


def stop_sequences_are_not_whitespace(call: Call) -> None:
    if any(stop.isspace() for stop in call.inference.get("stopSequences", ())):
        raise from_model("stop_sequences: each stop sequence must contain non-whitespace")


def no_prefill(call: Call) -> None:
    if call.roles[-1] == "assistant":
        raise from_model(
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message."
        )


def no_prefill_with_tools(call: Call) -> None:
    if call.tools and call.roles[-1] == "assistant":
        raise from_model(
            "Your API request included an `assistant` message in the final position, which would pre-fill "
            "the `assistant` response. When using tools, pre-filling the `assistant` response is not "
            "supported."
        )


def prefill_ends_in_a_word(call: Call) -> None:
    last = call.messages[-1][-1]
    if last.role == "assistant" and last.kind == "text" and last.value != last.value.rstrip():
        raise from_model("messages: final assistant content cannot end with trailing whitespace")


def documents_are_sent_whole(call: Call) -> None:
    """The model is not given the object in S3; inside a tool's result the same was recorded as accepted."""
    for block in call.blocks("document"):
        if block.value["source"].get("s3Location"):
            raise from_model(f"{block.path}.document.source.type: Field required")


def tool_results_hold_text_and_images(call: Call) -> None:
    for block in call.blocks("video", "document", results=True):
        if block.result_position is not None:
            raise from_model(
                f"Malformed input request: #/messages/{block.message}/content/{block.position}: extraneous "
                "key [toolResult] is not permitted, please reformat your input and try again."
            )


def cache_points_follow_text(call: Call) -> None:
    """A cachePoint becomes a mark on the block before it, and these blocks cannot carry one; PDFs can."""
    for message in call.messages:
        for before, point in pairwise(message):
            if (
                point.kind == "cachePoint"
                and before.kind == "document"
                and before.value.get("format") != "pdf"
            ):
                raise from_model(f"{point.path}.type: Field required")


def images_are_few_and_small(call: Call) -> None:
    pictures = list(call.blocks("image", results=True))
    documents = sum(1 for _ in call.blocks("document", results=True))
    most = MAX_IMAGES_BEFORE if call.model.has("twenty-images") else MAX_IMAGES
    if len(pictures) + documents > most:
        raise from_model(f"too many images and documents: {len(pictures)} + {documents} > {most}")
    for block in pictures:
        size = len(block.value["source"].get("bytes") or "")
        if size > MAX_IMAGE_BASE64:
            raise from_model(
                f"{block.path}.image.source.base64: image exceeds 5 MB maximum: "
                f"{size} bytes > {MAX_IMAGE_BASE64} bytes"
            )


def images_are_not_huge(call: Call) -> None:
    pictures = list(call.blocks("image", results=True))
    many = len(pictures) > MANY_IMAGES
    most = MAX_PIXELS_OF_MANY if many else MAX_IMAGE_PIXELS
    for block in pictures:
        if max(images.dimensions(block.value["source"].get("bytes") or "")) > most:
            raise from_model(
                f"{block.path}.image.source.base64.data: At least one of the image dimensions exceed max "
                f"allowed size{' for many-image requests' if many else ''}: {most} pixels"
            )


def images_are_what_they_say(call: Call) -> None:
    for block, declared, found in mislabelled_images(call):
        if found in images.MEDIA_TYPES:
            raise from_model(
                f"{block.path}.image.source.base64: The image was specified using the {declared} media type, "
                f"but the image appears to be a {found} image"
            )
        raise from_model("Could not process image")


def images_are_what_they_say_in_stream(call: Call) -> None:
    for _, declared, found in mislabelled_images(call):
        raise from_model(
            f"The detected file MIME type {found} does not match the expected type {declared}. "
            "Reformat your input and try again.",
            in_stream=call.operation == "ConverseStream",
        )


def images_are_images(call: Call) -> None:
    """The same for a model whose words are not known for a wrong label, only for what is no image at all."""
    if any(found not in images.MEDIA_TYPES for _, _, found in mislabelled_images(call)):
        raise from_model("Failed to sanitize image: Invalid or unsupported image format")


def mislabelled_images(call: Call) -> list[tuple[PlacedBlock, str, str]]:
    """Images whose bytes are of another media type than their format says, with both types."""
    sent = [block for block in call.blocks("image", results=True) if block.value["source"].get("bytes")]
    told = [
        (block, f"image/{block.value['format']}", images.media_type(block.value["source"]["bytes"]))
        for block in sent
    ]
    return [(block, declared, found) for block, declared, found in told if declared != found]


def no_text_format(call: Call) -> None:
    if call.text_format:
        raise from_model("output_config.format: Extra inputs are not permitted")


def one_of_temperature_and_top_p(call: Call) -> None:
    if {"temperature", "topP"} <= call.inference.keys():
        raise from_model(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        )


def no_sampling(call: Call) -> None:
    for field, told in (("temperature", "temperature"), ("topP", "top_p")):
        if field in call.inference:
            raise from_model(f"`{told}` is deprecated for this model.")
    if "top_k" in call.additional:
        raise from_model("`top_k` is deprecated for this model.")


def text_fits(call: Call) -> None:
    size = sum(len(text.encode()) for text in texts(call))
    if size > MAX_TEXT_BYTES:
        raise validation(f"too many total text bytes: {size} > {MAX_TEXT_BYTES}")


def context_fits(call: Call) -> None:
    """Tokens are estimated, generously: nothing is refused that would have come near the limit."""
    window = call.model.context_window
    if window and ceil(sum(map(len, texts(call))) / CHARACTERS_PER_TOKEN) > window:
        raise too_long(call)


def too_long(call: Call) -> Refusal:
    if call.model.has("says-input-tokens-exceeded"):
        return from_model(
            "Input Tokens Exceeded: Number of input tokens exceeds maximum length. "
            "Please update the input to try again."
        )
    return validation("Input is too long for requested model.")


def texts(call: Call) -> list[str]:
    system = [item["text"] for item in call.system if item.get("text")]
    return system + [block.value for block in call.blocks("text", results=True)]


RULES: tuple[tuple[str | None, Callable[[Call], None]], ...] = (
    ("documents-sent-whole", documents_are_sent_whole),
    ("tool-results-text-and-images", tool_results_hold_text_and_images),
    ("whitespace-refused", text_is_not_whitespace),
    ("whitespace-refused", stop_sequences_are_not_whitespace),
    ("prefill-refused", no_prefill),
    ("prefill-refused-with-tools", no_prefill_with_tools),
    ("whitespace-refused", prefill_ends_in_a_word),
    ("cache-points-follow-text", cache_points_follow_text),
    ("images-limited", images_are_few_and_small),
    ("images-limited", images_are_not_huge),
    ("image-types-compared", images_are_what_they_say),
    ("image-types-compared-in-stream", images_are_what_they_say_in_stream),
    ("images-sanitized", images_are_images),
    ("strict-tools-refused", tool_rules.no_strict_tools),
    ("strict-tools-unknown", tool_rules.strict_unknown),
    (None, tool_rules.strict_schemas_can_be_held_to),
    ("schemas-plain", tool_rules.schemas_are_plain),
    ("schema-unions-refused", tool_rules.no_unions_at_the_top),
    ("lookaround-refused", tool_rules.patterns_do_not_look_around),
    ("parallel-calls-always", tool_rules.parallel_calls_are_not_disabled),
    ("tool-choice-added", tool_rules.tool_choice_is_said_once),
    ("text-format-refused", no_text_format),
    ("sampling-refused", no_sampling),
    ("temperature-with-top-p-refused", one_of_temperature_and_top_p),
    ("text-bytes-limited", text_fits),
    (None, context_fits),
)
