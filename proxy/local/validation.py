"""What Bedrock refuses: the one door through which every request of the local Bedrock goes.

Refusals come in AWS's own order: the body's shape, the model, what the model cannot do, the conversation,
and last what the model behind Bedrock itself says no to.
"""

from typing import Any, cast

from proxy.local import (
    additional,
    cache_points,
    capabilities,
    catalogue,
    conversation_rules,
    families,
    reasoning_rules,
    service,
    shapes,
    thinking_rules,
)
from proxy.local.call import Call, ConverseOperation
from proxy.local.catalogue import Model


def check(
    operation: ConverseOperation, model_id: str, body: object, *, signatures_are_ours: bool = True
) -> Model:
    """The model that answers this request. Raises Refusal if AWS would."""
    shapes.check("bedrock-runtime", operation, body)
    model = catalogue.resolve(model_id)
    # Any: JSON of which every type has just been checked against AWS's own description.
    call = Call(
        operation=operation,
        model=model,
        request=cast(dict[str, Any], body),
        signatures_are_ours=signatures_are_ours,
    )
    service.check(call)
    capabilities.check(call)
    conversation_rules.check(call)
    families.check(call)
    additional.check(call)
    cache_points.check(call)
    thinking_rules.check(call)
    reasoning_rules.check(call)
    return model
