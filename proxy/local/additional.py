"""additionalModelRequestFields: what models say to a field that they do not know.

Only who was heard to refuse one does; which fields each knows is in `traits.json`, with the evidence.
"""

from proxy.local.call import Call
from proxy.local.refusals import from_model

PENALTIES = ("frequency_penalty", "presence_penalty")


def check(call: Call) -> None:
    """Raise the first Refusal."""
    if names := unknown(call, "extra-inputs-refused"):
        raise from_model(f"{names[0]}: Extra inputs are not permitted")
    if names := unknown(call, "extraneous-keys-refused"):
        keys = "".join(f"#: extraneous key [{name}] is not permitted" for name in names)
        raise from_model(f"Malformed input request: {keys}, please reformat your input and try again.")
    if call.model.has("penalties-refused"):
        for name in PENALTIES:
            if name in call.additional:
                raise from_model(f"The '{name}' parameter is not supported")


def unknown(call: Call, trait: str) -> list[str]:
    known = call.model.takes.get(trait)
    return [name for name in call.additional if known is not None and name not in known]
