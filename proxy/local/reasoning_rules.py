"""Reasoning that comes back in a request: Claude's blocks must be as Claude gave them, and where.

Claude reads the signature of every thinking block. Those of the latest assistant message must come back as
they were: all of them, in order, together where they stood together, or none at all. Where a budget is set,
the turn that is still open (calls, results, calls, ...) must begin with one.
https://platform.claude.com/docs/en/build-with-claude/thinking#preserving-thinking-blocks
"""

from collections.abc import Callable
from itertools import pairwise

from proxy.local import signatures
from proxy.local.call import Call, PlacedBlock
from proxy.local.effort import betas, thinking_config
from proxy.local.refusals import Refusal, from_model
from proxy.local.signatures import Seal
from proxy.local.thinking_rules import BINDING_BETA, openai_error


def check(call: Call) -> None:
    """Raise the first Refusal."""
    for trait, rule in (*RULES, *(SIGNATURE_RULES if call.signatures_are_ours else ())):
        if call.model.has(trait):
            rule(call)


def thinking_has_a_signature(call: Call) -> None:
    """An empty one is none."""
    for block in call.blocks("reasoningContent"):
        if kind(block) == "thinking" and not block.value["reasoningText"].get("signature"):
            raise from_model(f"{block.path}.thinking.signature: Field required")


def thinking_does_not_end_a_message(call: Call) -> None:
    for message in call.messages:
        last = message[-1]
        if last.role == "assistant" and last.kind == "reasoningContent":
            raise from_model(
                f"messages.{last.message}: The final block in an assistant message cannot be `{kind(last)}`."
            )


def prefill_holds_no_thinking(call: Call) -> None:
    last = call.messages[-1][0]
    thinks = thinking_config(call.additional).get("type") in ("enabled", "adaptive")
    if last.role == "assistant" and last.kind == "reasoningContent" and not thinks:
        raise from_model(
            f"{last.path}: When thinking is disabled, an `assistant` message in the final position cannot "
            f"contain `{kind(last)}`. To use thinking blocks, enable `thinking` in your request."
        )


def thinking_opens_the_turn(call: Call) -> None:
    if thinking_config(call.additional).get("type") != "enabled" or not (turn := open_turn(call)):
        return
    first = turn[0]
    if first.kind != "reasoningContent":
        found = {"toolUse": "tool_use"}.get(first.kind, first.kind)
        raise from_model(
            f"{first.path}.type: Expected `thinking` or `redacted_thinking`, but found `{found}`. "
            + call.model.says["thinking-opens-turn"]
        )


def open_turn(call: Call) -> list[PlacedBlock]:
    """The first assistant message of the turn that the last results belong to; none if no result came."""
    opening: list[PlacedBlock] = []
    for message in reversed(call.messages):
        if message[0].role == "user" and not any(block.kind == "toolResult" for block in message):
            break
        if message[0].role == "assistant":
            opening = message
    return opening if call.roles[-1] == "user" else []


# Signatures


def signatures_are_genuine(call: Call) -> None:
    """A block of another Claude is whole too: the model cannot read it, and leaves it out without a word."""
    latest = latest_assistant_message(call)
    for block in call.blocks("reasoningContent"):
        seal = seal_of(block, call)
        if seal is None or not same_maker(seal, call):
            raise invalid(block)
        if seal.kind == "thinking" and seal.text != signatures.digest(block.value["reasoningText"]["text"]):
            raise modified(block) if block.message == latest else invalid(block)


def latest_blocks_are_unmodified(call: Call) -> None:
    latest = latest_assistant_message(call)
    blocks = [b for b in call.blocks("reasoningContent") if b.message == latest]
    seals = [
        (block, seal) for block in blocks if (seal := seal_of(block, call)) and seal.model == call.model.id
    ]
    for place, (block, seal) in enumerate(seals):
        if (seal.answer, seal.place) != (seals[0][1].answer, place):
            raise modified(block)
    if seals and seals[-1][1].count != len(seals):
        raise modified(seals[-1][0])
    for (block, seal), (following, after) in pairwise(seals):
        if (seal.run == after.run) != (block.position + 1 == following.position):
            raise modified(following)


def thinking_is_bound_to_what_came_before(call: Call) -> None:
    config = thinking_config(call.additional).get("block_binding")
    if isinstance(config, dict) and config.get("prefix_mismatch_behavior") == "drop_block":
        return
    for block in call.blocks("reasoningContent"):
        seal = seal_of(block, call)
        if not seal or seal.model != call.model.id:
            continue
        if seal.prefix != signatures.prefix(call.request, block.message):
            beta = BINDING_BETA in betas(call.additional)
            raise invalid(block, BOUND + ("" if beta else call.model.says["thinking-bound-to-prefix"]))


def blob_is_genuine(call: Call) -> None:
    for block in call.blocks("reasoningContent"):
        seal = seal_of(block, call)
        if seal is None or not same_maker(seal, call):
            raise openai_error(
                "invalid_encrypted_content",
                "The encrypted content could not be verified. Reason: Encrypted content could not be "
                "decrypted or parsed.",
                None,
            )


def seal_of(block: PlacedBlock, call: Call) -> Seal | None:
    """None too where the seal is of a block of the other kind."""
    text = block.value.get("reasoningText")
    if text:
        seal = signatures.read(text["signature"])
    else:
        beginning = call.model.says.get("thoughts-encrypted", "")
        seal = signatures.read_redacted(block.value["redactedContent"], beginning)
    return seal if seal and seal.kind == kind(block) else None


def same_maker(seal: Seal, call: Call) -> bool:
    return seal.model.partition(".")[0] == call.model.id.partition(".")[0]


def latest_assistant_message(call: Call) -> int:
    return max((number for number, role in enumerate(call.roles) if role == "assistant"), default=-1)


def kind(block: PlacedBlock) -> str:
    """Claude's own name for a block of reasoning."""
    return "thinking" if block.value.get("reasoningText") else "redacted_thinking"


BOUND = (
    ". The block is bound to a different conversation. Remove the block, or set "
    '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
)


def invalid(block: PlacedBlock, because: str = "") -> Refusal:
    field = "signature" if kind(block) == "thinking" else "data"
    return from_model(f"{block.path}: Invalid `{field}` in `{kind(block)}` block{because}")


def modified(block: PlacedBlock) -> Refusal:
    return from_model(
        f"{block.path}: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be "
        "modified. These blocks must remain as they were in the original response."
    )


RULES: tuple[tuple[str, Callable[[Call], None]], ...] = (
    ("thinking-verified", thinking_has_a_signature),
    ("thinking-verified", prefill_holds_no_thinking),
    ("thinking-verified", thinking_does_not_end_a_message),
    ("thinking-opens-turn", thinking_opens_the_turn),
)
SIGNATURE_RULES: tuple[tuple[str, Callable[[Call], None]], ...] = (
    ("thinking-verified", signatures_are_genuine),
    ("thinking-verified", latest_blocks_are_unmodified),
    ("thinking-bound-to-prefix", thinking_is_bound_to_what_came_before),
    ("blob-verified", blob_is_genuine),
)
