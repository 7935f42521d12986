"""Credentials have to be there and to look like some; a script says which are refused, and what is denied.

A signature names the region that is called: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from proxy.local.refusals import Refusal
from proxy.local.rule import Operation
from proxy.local.script import Script

SIGV4 = re.compile(r"AWS4-HMAC-SHA256 .*Credential=([^,/\s]+)[^,\s]*.*")
SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/(?P<region>[a-z0-9-]+)/")
BEARER = re.compile(r"Bearer\s+(\S+)")

ACTIONS: Mapping[Operation, str] = {
    "Converse": "InvokeModel",
    "ConverseStream": "InvokeModelWithResponseStream",
}
"""Where the action is not named as the operation."""
USER = "arn:aws:iam::123456789012:user/local"


def authorize(headers: Mapping[str, str], script: Script, operation: Operation, resource_id: str) -> None:
    """Raises the Refusal of AWS's front end: of no credentials, of bad ones, of an action that is denied."""
    given = headers.get("authorization", "")
    if not given:
        raise Refusal(
            status=403, type="MissingAuthenticationTokenException", message="Missing Authentication Token"
        )
    if given.startswith("Bearer"):
        key = BEARER.fullmatch(given)
        refuse(BEARER_REFUSALS, script, key[1] if key else None)
    elif signed := SIGV4.fullmatch(given):
        refuse(SIGV4_REFUSALS, script, signed[1])
    else:
        message = "Authorization header requires 'Credential' parameter."
        raise Refusal(status=403, type="IncompleteSignatureException", message=message)
    permit(script, ACTIONS.get(operation, operation), resource_id)


def refuse(refusals: Mapping[str, tuple[str, str]], script: Script, key: str | None) -> None:
    how = "invalid" if key is None else refusal_of(key, script.refused)
    if how:
        type, message = refusals[how]
        raise Refusal(status=403, type=type, message=message, key="message" if type else "Message")


def refusal_of(key: str, refused: Mapping[str, str]) -> str | None:
    return next((how for pattern, how in refused.items() if fnmatchcase(key, pattern)), None)


def permit(script: Script, action: str, resource_id: str) -> None:
    """IAM decides before Bedrock looks at what is asked."""
    action = f"bedrock:{action}"
    if action in script.denied:
        model = f"arn:aws:bedrock:us-east-1::foundation-model/{resource_id}"
        resource = f" on resource: {model}" if resource_id else ""
        message = (
            f"User: {USER} is not authorized to perform: {action}{resource}"
            f" because no identity-based policy allows the {action} action"
        )
        raise Refusal(status=403, type="AccessDeniedException", message=message, key="Message")


def signed_region(headers: Mapping[str, str]) -> str:
    """Empty where an API key came instead of a signature."""
    found = SCOPE.search(headers.get("authorization", ""))
    return found["region"] if found else ""


# Recorded: the words of SIGV4_REFUSALS. Of BEARER_REFUSALS the first is as LiteLLM met it, the second as many
# users did: without a type, so that botocore names the error '403'.
SIGV4_REFUSALS = {
    "expired": ("ExpiredTokenException", "The security token included in the request is expired"),
    "invalid": ("UnrecognizedClientException", "The security token included in the request is invalid."),
    "clock": (
        "InvalidSignatureException",
        "Signature expired: 20251102T171419Z is now earlier than 20251102T171519Z"
        " (20251102T172019Z - 5 min.)",
    ),
}
BEARER_REFUSALS = {
    "expired": ("", "Bearer Token has expired"),
    "invalid": ("", "Authentication failed: Please make sure your API Key is valid."),
    "clock": ("", "Authentication failed: Please make sure your API Key is valid."),
}
