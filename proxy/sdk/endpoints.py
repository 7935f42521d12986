"""AWS's rules for endpoints: the region's, FIPS, dual stack, and what a profile says."""

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ConfigParseError, ProfileNotFound

from proxy.garbage import sweep
from proxy.remedies import Origin
from proxy.sdk.failures import explained
from proxy.variables import Service
from translators.aws_errors import from_aws


async def url_of(service: Service, region: str) -> str:
    """Raises APIError."""
    try:
        return await of_client(service, region)
    except (ProfileNotFound, ConfigParseError) as error:
        raise explained(error, Origin("")) from error
    except (BotoCoreError, ValueError) as error:
        raise from_aws(
            "ConnectionError",
            f"Where Bedrock is cannot be told: {error}. Check AWS_REGION and the AWS_ENDPOINT_URL variables",
        ) from error
    finally:
        sweep()


async def of_client(service: Service, region: str) -> str:
    """Only a botocore client tells it."""
    async with get_session().create_client(
        service,
        region_name=region,
        aws_access_key_id="-",  # so that the chain is not searched for what is not needed yet
        aws_secret_access_key="-",  # noqa: S106
        # Ours; botocore would read AWS_MAX_ATTEMPTS and AWS_RETRY_MODE, and fail where one is empty.
        config=AioConfig(retries={"total_max_attempts": 1, "mode": "standard"}),
    ) as client:
        url: str = client.meta.endpoint_url
        return url
