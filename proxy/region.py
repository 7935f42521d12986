"""What the environment says before anything is asked: which region, and which variables are none."""

from collections.abc import Mapping, MutableMapping
from typing import NamedTuple

from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError
from botocore.loaders import create_loader

DEFAULT = "us-east-1"


class Region(NamedTuple):
    name: str
    origin: str
    """What says so."""


def region(environ: Mapping[str, str]) -> Region:
    """Where Bedrock is called. botocore alone would not look at AWS_REGION, which ECS, Lambda and EKS set."""
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if name := environ.get(variable):
            return Region(name, variable)
    session = get_session()
    try:
        if name := session.get_config_variable("region"):
            return Region(name, f"profile {session.get_config_variable('profile') or 'default'}")
    except BotoCoreError:  # a profile that does not exist: the first request says so
        pass
    return Region(DEFAULT, "nothing else says which")


def known_regions() -> set[str]:
    """AWS's regions, as far as its SDK knows them."""
    partitions = create_loader().load_data("partitions")["partitions"]
    return {name for partition in partitions for name in partition["regions"]}


def drop_empty(environ: MutableMapping[str, str]) -> None:
    """An empty variable counts as absent: compose files pass on what is not set as empty.

    botocore takes some empty ones for set: a profile without a name, a container without an address, and
    REQUESTS_CA_BUNDLE for "verify no certificate".
    """
    for name in [name for name, value in environ.items() if not value]:
        if name.startswith("AWS_") or name == "REQUESTS_CA_BUNDLE":
            del environ[name]
