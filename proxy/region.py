"""What is known before AWS is called: which region, and which variables are none."""

from collections.abc import Mapping, MutableMapping
from typing import NamedTuple

from proxy.config_files import of_profile

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
    if name := of_profile("region", environ):
        return Region(name, f"profile {of_profile('profile', environ) or 'default'}")
    return Region(DEFAULT, "nothing else says which")


def drop_empty(environ: MutableMapping[str, str]) -> None:
    """An empty variable counts as absent: compose files pass on what is not set as empty.

    botocore takes some empty ones for set: a profile without a name, a container without an address, and
    REQUESTS_CA_BUNDLE for "verify no certificate".
    """
    for name in [name for name, value in environ.items() if not value]:
        if name.startswith("AWS_") or name == "REQUESTS_CA_BUNDLE":
            del environ[name]
