"""Where AWS's credentials come from, on one socket: STS, the SSO portal, an instance's and a container's metadata.

    POST /                                                  STS: GetCallerIdentity, AssumeRole, AssumeRoleWithWebIdentity
    GET  /federation/credentials                            SSO: GetRoleCredentials
    POST /token, /v1/token                                  OIDC: CreateToken; `aws login`: CreateOAuth2Token
    PUT  /latest/api/token                                  IMDSv2, then
    GET  /latest/meta-data/iam/security-credentials/[role]
    GET  /container                                         ECS, EKS Pod Identity

https://docs.aws.amazon.com/STS/latest/APIReference/  https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/
https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qs

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.servers import serving

METADATA_TOKEN = "metadata-token"
CONTAINER_TOKEN = "container-token"
IDENTITY = "arn:aws:sts::123456789012:assumed-role/dev/me"


class Refusal(NamedTuple):
    status: int
    code: str
    message: str


class Aws:
    """What it gives, and what it was asked; tests change it while it serves."""

    url: str

    def __init__(self) -> None:
        self.open = threading.Event()
        """Answers wait until it is set."""
        self.reset()

    def reset(self) -> None:
        self.lifetime = 3600.0
        self.refusal: Refusal | None = None
        self.logins = {"sso-token"}
        """Access tokens that the SSO portal takes."""
        self.refreshable = {"refresh-token"}
        """Refresh tokens for which there is a new login."""
        self.asked: list[str] = []
        self.open.set()
        self._issued = 0

    def keys(self) -> tuple[str, str, str, str]:
        """New ones each time: ASIA1, ASIA2, ..."""
        self._issued += 1
        expiration = datetime.fromtimestamp(time.time() + self.lifetime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"ASIA{self._issued}", f"secret{self._issued}", f"token{self._issued}", expiration

    async def gate(self, operation: str) -> None:
        self.asked.append(operation)
        await anyio.to_thread.run_sync(self.open.wait, 10)

    async def sts(self, request: Request) -> Response:
        action = parse_qs((await request.body()).decode())["Action"][0]
        await self.gate(action)
        if self.refusal:
            status, code, message = self.refusal
            error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            return xml(f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>", status)
        if action == "GetCallerIdentity":
            account = "<UserId>AROA:me</UserId><Account>123456789012</Account>"
            return xml(answer(action, f"<Arn>{IDENTITY}</Arn>{account}"))
        key, secret, token, expiration = self.keys()
        credentials = (
            f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
            f"<SessionToken>{token}</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
        )
        user = (
            f"<AssumedRoleUser><Arn>{IDENTITY}</Arn><AssumedRoleId>AROA:me</AssumedRoleId></AssumedRoleUser>"
        )
        return xml(answer(action, credentials + user))

    async def sso(self, request: Request) -> Response:
        await self.gate("GetRoleCredentials")
        if self.refusal:
            return coral(*self.refusal)
        if request.headers.get("x-amz-sso_bearer_token") not in self.logins:
            return coral(401, "UnauthorizedException", "Session token not found or invalid")
        key, secret, token, expiration = self.keys()
        milliseconds = int(datetime.fromisoformat(expiration).timestamp() * 1000)
        given = {
            "accessKeyId": key,
            "secretAccessKey": secret,
            "sessionToken": token,
            "expiration": milliseconds,
        }
        return JSONResponse({"roleCredentials": given})

    async def oidc(self, request: Request) -> Response:
        await self.gate("CreateToken")
        asked = await request.json()
        if asked["grantType"] != "refresh_token" or asked["refreshToken"] not in self.refreshable:
            return coral(400, "InvalidGrantException", "The refresh token is not valid any more")
        self.logins = {"renewed-sso-token"}
        return JSONResponse(
            {"accessToken": "renewed-sso-token", "expiresIn": 28800, "refreshToken": "refresh-token"}
        )

    async def signin(self, request: Request) -> Response:
        await self.gate("CreateOAuth2Token")
        asked = await request.json()
        if "dpop" not in request.headers or asked["refreshToken"] not in self.refreshable:
            told = {"error": "TOKEN_EXPIRED", "message": "The session is over"}
            return JSONResponse(told, 403, {"x-amzn-errortype": "AccessDeniedException"})
        key, secret, token, _ = self.keys()
        given = {"accessKeyId": key, "secretAccessKey": secret, "sessionToken": token}
        return JSONResponse(
            {
                "accessToken": given,
                "tokenType": "aws_sigv4",
                "expiresIn": 900,
                "refreshToken": "refresh-token",
            }
        )

    async def metadata_token(self, request: Request) -> Response:
        await self.gate("metadata token")
        if "x-aws-ec2-metadata-token-ttl-seconds" not in request.headers:
            return Response(status_code=400)
        return PlainTextResponse(METADATA_TOKEN)

    async def instance(self, request: Request) -> Response:
        if request.headers.get("x-aws-ec2-metadata-token") != METADATA_TOKEN:
            return Response(status_code=401)
        if not request.path_params["role"]:
            return PlainTextResponse("the-instances-role")
        await self.gate("instance")
        return self._metadata({"Code": "Success", "Type": "AWS-HMAC"})

    async def container(self, request: Request) -> Response:
        await self.gate("container")
        if request.headers.get("authorization") != CONTAINER_TOKEN:
            return Response(status_code=401)
        return self._metadata({"RoleArn": "arn:aws:iam::123456789012:role/task"})

    def _metadata(self, members: dict[str, str]) -> Response:
        if self.refusal:
            return PlainTextResponse(self.refusal.message, self.refusal.status)
        key, secret, token, expiration = self.keys()
        given = {"AccessKeyId": key, "SecretAccessKey": secret, "Token": token, "Expiration": expiration}
        return JSONResponse(members | given)


def answer(action: str, result: str) -> str:
    return f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"


def xml(body: str, status: int = 200) -> Response:
    return Response(body, status, media_type="text/xml")


def coral(status: int, code: str, message: str) -> Response:
    return JSONResponse({"message": message}, status, {"x-amzn-errortype": code})


def container(aws: Aws) -> dict[str, str]:
    """The variables by which a container finds its role's credentials."""
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{aws.url}/container",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": CONTAINER_TOKEN,
    }


@contextmanager
def serving_aws() -> Iterator[Aws]:
    aws = Aws()
    routes = [
        Route("/", aws.sts, methods=["POST"]),
        Route("/federation/credentials", aws.sso),
        Route("/token", aws.oidc, methods=["POST"]),
        Route("/v1/token", aws.signin, methods=["POST"]),
        Route("/latest/api/token", aws.metadata_token, methods=["PUT"]),
        Route("/latest/meta-data/iam/security-credentials/{role:path}", aws.instance),
        Route("/container", aws.container),
    ]
    with serving(Starlette(routes=routes)) as url:
        aws.url = url
        yield aws
        aws.open.set()
