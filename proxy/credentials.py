"""Who calls Bedrock: AWS's credential chain or a Bedrock API key, put on each request.

Absent or expired credentials are a state, not a crash: each request looks again.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from aiobotocore.session import get_session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound

from translators.errors import APIError, from_aws

DEFAULT_REGION = "us-east-1"


def region(environ: Mapping[str, str]) -> str:
    """Where Bedrock is called. botocore alone would not look at AWS_REGION, which ECS, Lambda and EKS set."""
    named = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    try:
        return named or get_session().get_config_variable("region") or DEFAULT_REGION
    except BotoCoreError:  # a profile that does not exist: the first request says so
        return DEFAULT_REGION


class Credentials:
    """The caller's credentials: found when first needed, refreshed by botocore when they grow old."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._found: Any = None  # an AioCredentials; aiobotocore has no types
        self._finding = asyncio.Lock()

    async def sign(
        self, method: str, url: str, body: bytes, headers: dict[str, str], region: str
    ) -> dict[str, str]:
        """The headers and the authorization of a request. Raises APIError where there are no credentials."""
        # An empty variable counts as absent: compose files pass on what is not set as empty.
        if key := os.environ.get("AWS_BEARER_TOKEN_BEDROCK"):
            return {**headers, "Authorization": f"Bearer {key}"}
        request = AWSRequest(method=method, url=url, data=body, headers=headers)
        SigV4Auth(await self._frozen(), "bedrock", region).add_auth(request)
        return dict(request.headers.items())

    async def _frozen(self) -> Any:
        try:
            found = self._found or await self._find()
            return await found.get_frozen_credentials()
        except (BotoCoreError, ClientError) as error:
            self._found = None  # the next request looks again: the user may have logged in meanwhile
            raise unusable(error) from error

    async def _find(self) -> Any:
        async with self._finding:
            if self._found is None:
                # A new session reads the config files anew.
                self._found = await get_session().get_credentials()
        if self._found is None:
            raise from_aws("NoCredentialsError", "Unable to locate AWS credentials.")
        return self._found


def unusable(error: BotoCoreError | ClientError) -> APIError:
    """A configuration that names no credentials, or credentials that cannot be had now."""
    missing = isinstance(error, ProfileNotFound)
    return from_aws("NoCredentialsError" if missing else "CredentialRetrievalError", str(error))
