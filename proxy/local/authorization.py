"""Credentials have to be there and to look like credentials; they are not verified."""

import re
from collections.abc import Mapping

from proxy.local.refusals import Refusal

SIGV4 = re.compile(r"AWS4-HMAC-SHA256 .*Credential=[^,\s]+.*")
BEARER = re.compile(r"Bearer\s+\S+")


def authorize(headers: Mapping[str, str]) -> None:
    """Raises the Refusal of AWS's front end."""
    given = headers.get("authorization", "")
    if not given:
        raise Refusal(
            status=403, type="MissingAuthenticationTokenException", message="Missing Authentication Token"
        )
    if given.startswith("Bearer"):
        if not BEARER.fullmatch(given):  # no error type: botocore then names the error '403'
            message = "Authentication failed: Please make sure your API Key is valid."
            raise Refusal(status=403, type="", message=message, key="Message")
    elif not SIGV4.fullmatch(given):
        message = "Authorization header requires 'Credential' parameter."
        raise Refusal(status=403, type="IncompleteSignatureException", message=message)
