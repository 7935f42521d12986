"""What AWS's libraries raise, as errors of ours: in a sentence, and with what mends it."""

from typing import NamedTuple

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    LoginError,
    LoginInsufficientPermissions,
    MetadataRetrievalError,
    MissingDependencyException,
    PartialCredentialsError,
    ProfileNotFound,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from proxy.remedies import RENEWALS, Origin
from translators.aws_errors import from_aws
from translators.errors import APIError

# Characters, of a program's standard error or of AWS's own words.
LONGEST = 400


class Reason(NamedTuple):
    aws: str
    """A name in the error table."""
    remedy: str = ""
    command: str | None = None


def explained(error: Exception, origin: Origin) -> APIError:
    """What the chain raised while it looked there, as the error table's."""
    found = reason(error, origin)
    failure = from_aws(found.aws, words(error), remedy=found.remedy)
    failure.command = found.command
    return failure


def words(error: Exception) -> str:
    if isinstance(error, ResponseParserError):  # it quotes what it could not read
        return "The answer was not AWS's: something between the proxy and AWS gave it."
    return shortened(str(error) or type(error).__name__)


def nothing_found() -> APIError:
    missing = from_aws("NoCredentialsError", "Unable to locate AWS credentials.")
    missing.command = "aws configure sso"
    return missing


def reason(error: Exception, origin: Origin) -> Reason:
    match error:
        case ProfileNotFound():
            command = "aws configure list-profiles"
            return Reason("NoCredentialsError", f"Set AWS_PROFILE to one that `{command}` shows.", command)
        case MissingDependencyException():
            command = "pip install 'outcrop[login]'"
            return Reason("NoCredentialsError", f"Run `{command}` and start the proxy again.", command)
        case PartialCredentialsError():
            return Reason("NoCredentialsError")
        case LoginInsufficientPermissions():
            return Reason("InvalidConfigError", "Whoever logs in needs signin:CreateOAuth2Token.")
        case SSOError() | LoginError() | TokenRetrievalError():
            return Reason("CredentialRetrievalError", origin.remedy, origin.login)
        case RefreshWithMFAUnsupportedError():
            return Reason(
                "InvalidConfigError", "A server cannot ask for it: put temporary keys into the profile."
            )
        case ClientError():
            return refused_by_service(error, origin)
        case CredentialRetrievalError() if error.kwargs["provider"] == "custom-process":
            return Reason("CredentialRetrievalError", RENEWALS["custom-process"])
        case CredentialRetrievalError() | MetadataRetrievalError() | ConnectionError() | HTTPClientError():
            return Reason("TokenServiceError")
        case TimeoutError() | ResponseParserError():
            return Reason("TokenServiceError")
        case BotoCoreError() | OSError():  # a file that cannot be read, a profile that makes no sense
            return Reason("InvalidConfigError", "Mend the AWS config files; no restart is needed.")
    return Reason("CredentialRetrievalError", origin.remedy, origin.login)


def refused_by_service(error: ClientError, origin: Origin) -> Reason:
    """STS or SSO answered no: for a while, for want of good credentials, or for want of a permission."""
    code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    if status >= 500 or "Throttl" in code or "TooManyRequests" in code or code == "IDPCommunicationError":
        return Reason("TokenServiceError")
    known = from_aws(code, "")
    if known.code == "aws_credentials_expired":
        return Reason(code, origin.remedy, origin.login)
    if known.code.startswith("aws_credentials"):
        return Reason(code)
    return Reason(
        "InvalidConfigError",
        f"Check that the role of profile {origin.profile} exists and lets this identity in.",
    )


def shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."
