"""Where credentials come from: variables, or AWS's chain.

A walk of the chain reads config files and may call STS, SSO, a metadata service or a program; its libraries
are imported then, and read megabytes of JSON, which takes 40 to 300 ms. So it has a thread of its own.
"""

import os
from dataclasses import dataclass

from proxy import variables
from proxy.config_files import Stamp, config_files, stamp
from proxy.region import Region, region
from proxy.remedies import Origin
from proxy.sigv4 import Keys
from proxy.threads import off_the_loop


@dataclass(frozen=True, slots=True)
class Found:
    keys: Keys
    origin: Origin
    expires: float | None
    """Seconds since 1970; None where they do not, or nobody knows."""
    region: Region
    """The profile's may be another by now."""
    files: tuple[str, ...] = ()
    """Those that were read."""
    stamp: Stamp = ()
    """Of the files, before they were read."""


async def look() -> Found:
    """The credentials as they are now. Raises APIError, its `command` set where one would help."""
    if found := in_variables():
        return found
    return await off_the_loop(in_chain())


def in_variables() -> Found | None:
    if (keys := variables.keys(os.environ)) is None:
        return None
    files = config_files(os.environ)
    return Found(keys, Origin("env"), None, region(os.environ), files, stamp(files))


async def in_chain() -> Found:
    from proxy.sdk.chain import find

    return await find()
