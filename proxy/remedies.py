"""What is wrong with credentials, in a sentence, and what mends it: a command wherever one does."""

from dataclasses import dataclass

from translators.aws_errors import CLOCK, from_aws
from translators.errors import APIError

NAMES = {
    "env": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "assume-role": "an assumed role",
    "assume-role-with-web-identity": "a web identity (AWS_WEB_IDENTITY_TOKEN_FILE)",
    "sso": "SSO",
    "shared-credentials-file": "the shared credentials file",
    "login": "aws login",
    "custom-process": "a credential_process",
    "config-file": "the config file",
    "container-role": "the container's role",
    "iam-role": "the EC2 instance's role",
}
KEY_FILE = "a key in the file that OUTCROP_BEDROCK_API_KEY_FILE names is read again without a restart."
# The environment of a process that runs cannot be changed; everything else is looked at again.
RENEWALS = {
    "env": "Start the proxy again with new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN;"
    " with a profile in their place (aws configure, aws sso login) no restart is needed.",
    "shared-credentials-file": "Write new keys to the shared credentials file; no restart is needed.",
    "config-file": "Write new keys to the config file; no restart is needed.",
    "AWS_BEARER_TOKEN_BEDROCK": f"Start the proxy again with a new one; {KEY_FILE}",
    "OUTCROP_BEDROCK_API_KEY": f"Start the proxy again with a new one; {KEY_FILE}",
    "OUTCROP_BEDROCK_API_KEY_FILE": "Write a new Bedrock API key to that file; no restart is needed.",
    "custom-process": "Run the profile's credential_process by hand to see why; no restart is needed.",
}
# All that profiles have no part in has none.
OF_A_PROFILE = {
    "assume-role",
    "assume-role-with-web-identity",
    "sso",
    "shared-credentials-file",
    "login",
    "custom-process",
    "config-file",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in AWS's chain credentials were found."""

    method: str
    """botocore's name."""
    profile: str = "default"
    login: str | None = None
    """The command that logs in, where a login is behind them."""

    def __str__(self) -> str:
        name = NAMES.get(self.method, self.method)
        return f"{name}, profile {self.profile}" if self.method in OF_A_PROFILE else name

    @property
    def remedy(self) -> str:
        """What to do when they are refused; empty where only the error table knows."""
        return f"Run `{self.login}`; no restart is needed." if self.login else RENEWALS.get(self.method, "")


def refused(aws: str, message: str, origin: Origin) -> APIError:
    """What Bedrock refused; where it is the credentials, with the next step for where they are from."""
    error = from_aws(aws, message)
    if not error.code.startswith("aws_credentials") or CLOCK in error.message:
        return error
    if error.code == "aws_credentials_expired":
        error = from_aws(aws, message, remedy=origin.remedy)
    else:
        remedy = f"Check {origin}, and that the region is the right one: outcrop doctor shows both."
        error = from_aws(aws, message, remedy=remedy)
    error.command = origin.login
    return error
