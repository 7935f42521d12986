"""The smallest IAM policy that allows what is missing, to be attached to the proxy's identity.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
"""

from collections.abc import Sequence
from typing import TypedDict

INVOKE = "bedrock:InvokeModel"
INVOKE_STREAM = "bedrock:InvokeModelWithResponseStream"
GET_PROFILE = "bedrock:GetInferenceProfile"

# A profile's call is a call of its model too, in whatever region that is.
MODELS = "arn:{partition}:bedrock:*::foundation-model/*"
PROFILES = (
    "arn:{partition}:bedrock:*:{account}:inference-profile/*",
    "arn:{partition}:bedrock:*:{account}:application-inference-profile/*",
)
# By the action that lists them: what else may be invoked.
OWN = {
    "bedrock:ListImportedModels": "imported-model",
    "bedrock:ListCustomModelDeployments": "custom-model-deployment",
    "bedrock:ListProvisionedModelThroughputs": "provisioned-model",
    "bedrock:ListPromptRouters": "*prompt-router",
}


class Statement(TypedDict):
    Effect: str
    Action: list[str]
    Resource: str | list[str]


class Policy(TypedDict):
    Version: str
    Statement: list[Statement]


def policy(
    missing: Sequence[str], *, partition: str, account: str, included: Sequence[str] = ()
) -> Policy | None:
    """None where nothing is missing. `account` may be `*`; `included` are listings asked for besides."""
    invoking = [action for action in missing if action in (INVOKE, INVOKE_STREAM)]
    reading = [action for action in missing if action == GET_PROFILE]
    listing = [action for action in missing if action not in (*invoking, *reading)]
    profiles = [arn.format(partition=partition, account=account) for arn in PROFILES]
    own = [
        f"arn:{partition}:bedrock:*:{account}:{kind}/*" for action, kind in OWN.items() if action in included
    ]
    statements = [
        allow(invoking, [MODELS.format(partition=partition), *profiles, *own]),
        allow(reading, profiles),
        allow(listing, "*"),  # lists know no resources
    ]
    needed = [statement for statement in statements if statement["Action"]]
    return {"Version": "2012-10-17", "Statement": needed} if needed else None


def allow(actions: list[str], resources: str | list[str]) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
