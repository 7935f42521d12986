"""Where Bedrock is: where the environment says, or by AWS's rules."""

import os

from proxy.connections import Endpoint, proxy
from proxy.threads import off_the_loop
from proxy.variables import Service, endpoint_url
from translators.aws_errors import from_aws


async def endpoint(service: Service, region: str) -> Endpoint:
    """Raises APIError."""
    url = endpoint_url(service, region, os.environ)
    if url is None:
        url = await off_the_loop(by_rules(service, region))
    try:
        return Endpoint(url.rstrip("/"), proxy(url))
    except ValueError as error:
        raise from_aws("ConnectionError", f"The way to Bedrock cannot be told: {error}") from error


async def by_rules(service: Service, region: str) -> str:
    from proxy.sdk.endpoints import url_of

    return await url_of(service, region)
