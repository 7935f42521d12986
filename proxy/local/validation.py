"""What Bedrock refuses: the one door through which every request of the local Bedrock goes.

Refusals come in AWS's own order: the body's shape, the model, the conversation, what the model cannot do,
and last what the model itself says no to.
"""

from typing import Any, Literal, cast

from proxy.local import catalogue, families, rules, shapes
from proxy.local.catalogue import Model

Operation = Literal["Converse", "ConverseStream"]


def check(operation: Operation, model_id: str, body: object) -> Model:
    """The model that answers this request. Raises Refusal if AWS would."""
    shapes.check("bedrock-runtime", operation, body)
    # Any: JSON of which every type has just been checked against AWS's own description.
    request = cast(dict[str, Any], body)
    model = catalogue.resolve(model_id)
    rules.check(request, model)
    families.check(operation, request, model)
    return model
