"""The only module that calls Bedrock: bytes that we made go out signed, Bedrock's bytes come back raw.

aiobotocore gives what it is good at, endpoints and credentials (`proxy.sdk`); its serializer, signer and
parser are stepped around, because they would cost more than all else together.
"""

import asyncio
import logging
import os
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, closing
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

import aiohttp
import orjson

from proxy.api_key import ApiKey
from proxy.connections import READ_TIMEOUT, Connections, Endpoint, words
from proxy.credentials import Caller, Credentials
from proxy.endpoints import endpoint
from proxy.garbage import let_go
from proxy.http1 import Body, Response
from proxy.region import drop_empty, region
from proxy.remedies import Origin, refused
from proxy.settings import Settings
from proxy.threads import LONG, aside, heard
from proxy.variables import Service
from translators.aws_errors import from_aws
from translators.errors import APIError

log = logging.getLogger("outcrop")

CONTROL_PLANE_TIMEOUT = 30.0

# A client of ours tries again too, so that more than two attempts here would only make it wait longer.
ATTEMPTS = 2
BACKOFF = 0.25
RETRIED = {429, 500, 503}

# More than there are regions.
ENDPOINTS = 128


class Answer(NamedTuple):
    """A whole answer of status 200."""

    body: bytes
    """JSON as Bedrock wrote it, not read yet."""
    request_id: str
    """AWS's; empty where none was sent."""


class ByteStream:
    """The body of a streamed answer, as the network brings it."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self.request_id = request_id(response)

    async def read(self) -> bytes:
        """What has arrived, as soon as anything has; empty at the end. Raises APIError."""
        try:
            return await self._response.readany()
        except aiohttp.ClientError as error:
            raise unreachable(error, self.request_id) from error

    def at_end(self) -> bool:
        return self._response.at_end()

    def close(self) -> None:
        """Tells Bedrock to stop, unless the answer is at its end."""
        self._response.close()


class Bedrock:
    """Bedrock's operations, on one shared connection pool."""

    def __init__(self, http: Connections, credentials: Credentials) -> None:
        self._http = http
        self.credentials = credentials
        self._locating: dict[tuple[Service, str], asyncio.Task[Endpoint]] = {}
        self._at_once = asyncio.Semaphore()
        self._endpoints: dict[tuple[Service, str], Endpoint] = {}
        self._attempts = attempts(os.environ)

    @property
    def region(self) -> str:
        """Where Bedrock is called unless a call says otherwise."""
        return self.credentials.region.name

    def start(self) -> None:
        """Has looked for what chats need, before the first and before anything else is asked of AWS."""
        self.credentials.start()
        self._locate("bedrock-runtime", self.region)

    def close(self) -> None:
        """Nothing is looked for any more."""
        self.credentials.close()
        for locating in self._locating.values():
            locating.cancel()

    async def converse(self, model_id: str, body: Body, region: str = "") -> Answer:
        """The answer to a Converse request in JSON. Raises APIError for what Bedrock refuses."""
        path = model_path(model_id, "converse")
        return await self._whole(await self._send("bedrock-runtime", "POST", path, body, region))

    async def converse_stream(self, model_id: str, body: Body, region: str = "") -> ByteStream:
        """Returns when Bedrock has sent its status; raises APIError for what it refuses."""
        path = model_path(model_id, "converse-stream")
        return ByteStream(await self._send("bedrock-runtime", "POST", path, body, region))

    async def control_plane(self, path: str, region: str = "") -> Any:
        """The JSON that a GET of Bedrock's control plane answers.

        Raises APIError, and ValueError where the answer is not JSON.
        """
        try:
            async with asyncio.timeout(CONTROL_PLANE_TIMEOUT):
                answer = await self._whole(await self._send("bedrock", "GET", path, region=region))
        except TimeoutError as error:
            raise from_aws("ReadTimeoutError", f"Bedrock's control plane did not answer {path}.") from error
        return orjson.loads(answer.body)

    async def _whole(self, response: Response) -> Answer:
        try:
            with closing(response):
                return Answer(await response.read(), request_id(response))
        except aiohttp.ClientError as error:
            raise unreachable(error, request_id(response)) from error

    async def _send(
        self, service: Service, method: str, path: str, body: Body = (), region: str = ""
    ) -> Response:
        """A response with status 200, its body unread. Raises APIError."""
        region = region or self.region
        there = self._endpoints.get((service, region)) or await self.endpoint(service, region)
        for attempt in range(1, self._attempts + 1):
            try:
                response, error = await self._answer(there, method, path, body, region)
            except aiohttp.ClientError as lost:
                # What Bedrock was silent about for an hour it may have worked on for an hour, and billed.
                if attempt == self._attempts or fell_silent(lost):
                    raise unreachable(lost) from lost
                let_go(lost)
            else:
                if error is None:
                    return response
                if attempt == self._attempts or response.status not in RETRIED or not error.retryable:
                    raise error
            await asyncio.sleep(BACKOFF * attempt * random.uniform(0.5, 1))  # noqa: S311
        raise AssertionError("the last attempt returns or raises")

    async def _answer(
        self, there: Endpoint, method: str, path: str, body: Body, region: str
    ) -> tuple[Response, APIError | None]:
        """A response, and why it is a refusal; where others have better credentials by then, it is theirs."""
        for again in (True, False):
            caller = await self.credentials.caller()
            response = await self._request(caller, there, method, path, body, region)
            if response.status == 200:
                self.credentials.accepted()
                return response, None
            error = await refusal(response, caller.origin)
            if not (await self.credentials.refused(caller, error) and again):
                break
        return response, error

    async def _request(
        self, caller: Caller, there: Endpoint, method: str, path: str, body: Body, region: str
    ) -> Response:
        url = there.url + path
        headers = {"Content-Type": "application/json"} if body else {}
        signed = await aside(sum(map(len, body)) > LONG, caller.sign, method, url, body, headers, region)
        return await self._http.ask(there, method, path, signed, body)

    async def endpoint(self, service: Service, region: str = "") -> Endpoint:
        """Where it is. Raises APIError where nobody can tell."""
        region = region or self.region
        if there := self._endpoints.get((service, region)):
            return there
        return await asyncio.shield(self._locate(service, region))  # others may wait for it too

    def _locate(self, service: Service, region: str) -> asyncio.Task[Endpoint]:
        if (service, region) not in self._locating:
            locating = asyncio.create_task(self._located(service, region))
            locating.add_done_callback(heard)
            self._locating[service, region] = locating
        return self._locating[service, region]

    async def _located(self, service: Service, region: str) -> Endpoint:
        try:
            async with self._at_once:  # in the order in which they were asked for
                found = await endpoint(service, region)
        finally:
            del self._locating[service, region]
        if len(self._endpoints) >= ENDPOINTS:
            self._endpoints.clear()  # an ARN may name any region
        self._endpoints[service, region] = found
        return found


@asynccontextmanager
async def connect(
    settings: Settings | None = None, *, read_timeout: float = READ_TIMEOUT
) -> AsyncGenerator[Bedrock, None]:
    """Bedrock as the environment describes it; `read_timeout` is in seconds. Calls nobody yet."""
    drop_empty(os.environ)
    credentials = Credentials(region(os.environ), ApiKey(settings or Settings()))
    async with Connections(read_timeout) as http:
        bedrock = Bedrock(http, credentials)
        try:
            yield bedrock
        finally:
            bedrock.close()


def attempts(environ: Mapping[str, str]) -> int:
    """How often a request is sent at most. AWS's own setting; what is not a number counts as absent."""
    given = environ.get("AWS_MAX_ATTEMPTS", "")
    if given and not given.isdecimal():
        log.warning("AWS_MAX_ATTEMPTS is not a number: %r; %d is used.", given, ATTEMPTS)
    return max(1, int(given)) if given.isdecimal() else ATTEMPTS


@lru_cache(maxsize=1024)
def model_path(model_id: str, operation: str) -> str:
    """One path segment whatever the id holds: ARNs have colons and slashes."""
    return f"/model/{quote(model_id, safe='')}/{operation}"


def request_id(response: Response) -> str:
    return response.headers.get("x-amzn-requestid", "")


async def refusal(response: Response, origin: Origin) -> APIError:
    """The error of a response that is not 200: its type is in a header, its words in the body."""
    try:
        with closing(response):
            body = await response.read()
    except aiohttp.ClientError as error:
        return unreachable(error, request_id(response))
    kind = response.headers.get("x-amzn-errortype", "").partition(":")[0]
    failure = refused(kind or str(response.status), error_message(body), origin)
    failure.aws_request_id = request_id(response) or None
    return failure


def error_message(body: bytes) -> str:
    """The front end of AWS writes Message, Bedrock message; what is not JSON comes from something between."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "The answer was not Bedrock's: something between the proxy and AWS refused the request."
    if not isinstance(content, dict):
        return ""
    return str(content.get("message") or content.get("Message") or "")


def unreachable(error: aiohttp.ClientError, request_id: str = "") -> APIError:
    """A connection that failed, before the answer or within it."""
    reason = words(error)
    failure = (
        from_aws("ReadTimeoutError", f"Bedrock stopped answering ({reason}).")
        if fell_silent(error)
        else from_aws("ConnectionError", f"The connection to Bedrock failed ({reason}).")
    )
    failure.aws_request_id = request_id or None
    return failure


def fell_silent(error: aiohttp.ClientError) -> bool:
    """Whether Bedrock had the request and did not go on answering."""
    return isinstance(error, aiohttp.ServerTimeoutError) and not isinstance(
        error, aiohttp.ConnectionTimeoutError
    )
