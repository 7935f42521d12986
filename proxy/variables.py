"""What AWS's variables say where they are all there is, as in many containers: known without AWS's libraries.

Only what is plain is read here, as botocore reads it. With config files, and wherever more is to be known,
AWS's libraries are asked (`proxy.sdk`); they also tell what is wrong with a variable.
"""

import re
from collections.abc import Mapping
from typing import Literal

from proxy.config_files import silent
from proxy.sigv4 import Keys

Service = Literal["bedrock-runtime", "bedrock"]

# Anything else may be one too: botocore knows.
REGION = re.compile(r"[a-z]+(-[a-z]+)+-[0-9]+")
URL = re.compile(r"https?://([a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}(:[0-9]+)?(/[-.~\w/]*)?")


def keys(environ: Mapping[str, str]) -> Keys | None:
    """Those that stand in variables, where nobody says that they expire."""
    access_key, secret_key = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not (access_key and secret_key) or environ.get("AWS_CREDENTIAL_EXPIRATION") or not silent(environ):
        return None
    # The first is the name that boto had for it.
    return Keys(access_key, secret_key, environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN"))


def endpoint_url(service: Service, region: str, environ: Mapping[str, str]) -> str | None:
    """The service's own, else that of all; None where there is none, or where something looks odd."""
    own = f"AWS_ENDPOINT_URL_{service.replace('-', '_').upper()}"
    url = environ.get(own) or environ.get("AWS_ENDPOINT_URL") or ""
    if not silent(environ) or environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        return None
    return url if URL.fullmatch(url) and REGION.fullmatch(region) else None
