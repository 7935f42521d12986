"""A Bedrock API key: sent as it is, in place of a signature.

https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
"""

import os
from pathlib import Path

from proxy.config_files import written
from proxy.remedies import Origin
from proxy.settings import Settings
from translators.aws_errors import from_aws
from translators.errors import APIError


class ApiKey:
    """Where it is looked for: the settings, a file they name, AWS's variable."""

    def __init__(self, settings: Settings) -> None:
        self._given = settings.bedrock_api_key
        self._path = os.path.expanduser(settings.bedrock_api_key_file)
        self._read: tuple[object, str] = (None, "")

    def now(self) -> tuple[str, str] | None:
        """The key and what it is from; None where there is none. Raises APIError."""
        if self._given:
            return self._given, "OUTCROP_BEDROCK_API_KEY"
        if self._path:
            return self._from_file(), "OUTCROP_BEDROCK_API_KEY_FILE"
        if key := os.environ.get("AWS_BEARER_TOKEN_BEDROCK"):
            return key, "AWS_BEARER_TOKEN_BEDROCK"
        return None

    def _from_file(self) -> str:
        """Read again when it has changed: a short-term key lives for 12 hours at most."""
        stamp = written(self._path)
        if stamp is None or stamp != self._read[0]:
            try:
                self._read = stamp, Path(self._path).read_text().strip()
            except (OSError, ValueError) as error:
                raise self._missing(f"it cannot be read ({type(error).__name__})") from error
        if not self._read[1]:
            raise self._missing("it is empty")
        return self._read[1]

    def _missing(self, why: str) -> APIError:
        remedy = Origin("OUTCROP_BEDROCK_API_KEY_FILE").remedy
        return from_aws("NoCredentialsError", f"No Bedrock API key in {self._path}: {why}.", remedy=remedy)
