"""AWS's config files: where they are, what the profile in use says, and when they change."""

import os
from collections.abc import Iterable, Mapping

# Of files: when written, and how long; None for one that is not there.
Stamp = tuple[tuple[int, int] | None, ...]


def config_files(environ: Mapping[str, str]) -> tuple[str, str]:
    return (
        expanded(environ.get("AWS_CONFIG_FILE") or "~/.aws/config"),
        expanded(environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"),
    )


def expanded(path: str) -> str:
    """As botocore does it."""
    return os.path.expanduser(os.path.expandvars(path))


def silent(environ: Mapping[str, str]) -> bool:
    """Whether there is no profile that could say anything: then variables are all there is."""
    named = environ.get("AWS_DEFAULT_PROFILE") or environ.get("AWS_PROFILE")
    return not named and not any(status and status[1] for status in map(written, config_files(environ)))


def of_profile(name: str, environ: Mapping[str, str]) -> str | None:
    """A setting of the profile in use; None where it has none."""
    if silent(environ):
        return None
    from proxy.sdk.profile import setting  # what AWS's libraries tell is imported by who needs it

    return setting(name)


def stamp(files: Iterable[str]) -> Stamp:
    """Changes when one of the files does: keys and profiles may be others then."""
    return tuple(written(file) for file in files)


def written(file: str) -> tuple[int, int] | None:
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
