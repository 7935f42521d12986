"""STS beside Bedrock: GetCallerIdentity, which tools ask before anything else, of keys as a script has them.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from collections.abc import Mapping
from urllib.parse import parse_qs
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from proxy.local.authorization import SIGV4, SIGV4_REFUSALS, USER, refusal_of
from proxy.local.endpoint import Shared

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
IDENTITY = (
    f"<GetCallerIdentityResponse xmlns='{NAMESPACE}'><GetCallerIdentityResult>"
    f"<Arn>{USER}</Arn><UserId>AIDALOCAL</UserId><Account>123456789012</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)

# STS says the same as Bedrock, under names of its own.
CODES: Mapping[str, str] = {
    "expired": "ExpiredToken",
    "invalid": "InvalidClientTokenId",
    "clock": "SignatureDoesNotMatch",
}


class CallerIdentity:
    """As an ASGI app. It needs no permission, and the journal, which is about Bedrock, does not hold it."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        action = parse_qs((await request.body()).decode("latin-1")).get("Action", [""])[0]
        await self._answer(action, request.headers.get("authorization", ""))(scope, receive, send)

    def _answer(self, action: str, authorization: str) -> Response:
        if action != "GetCallerIdentity":
            return refused(400, "InvalidAction", "Only GetCallerIdentity is here.")
        signed = SIGV4.fullmatch(authorization)
        if signed is None:
            return refused(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        if how := refusal_of(signed[1], self._shared.playback.script.refused):
            return refused(403, CODES[how], SIGV4_REFUSALS[how][1])
        return xml(IDENTITY)


def refused(status: int, code: str, message: str) -> Response:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return xml(f"<ErrorResponse xmlns='{NAMESPACE}'>{error}<RequestId>1</RequestId></ErrorResponse>", status)


def xml(body: str, status: int = 200) -> Response:
    return Response(body, status, {"x-amzn-requestid": str(uuid4())}, "text/xml")
