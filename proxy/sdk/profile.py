"""What the profile in use says, and which regions there are."""

from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError
from botocore.loaders import create_loader


def setting(name: str) -> str | None:
    """One of the profile's; None where it has none."""
    try:
        value: str | None = get_session().get_config_variable(name)
    except BotoCoreError:  # a profile that does not exist: the first request says so
        return None
    return value


def known_regions() -> set[str]:
    """AWS's regions, as far as its SDK knows them."""
    partitions = create_loader().load_data("partitions")["partitions"]
    return {name for partition in partitions for name in partition["regions"]}
