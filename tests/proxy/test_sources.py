"""Every link of AWS's chain gives credentials, and says where they are from; one that fails says what mends it."""

import asyncio
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from botocore.tokens import SSOTokenProvider
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from proxy.region import drop_empty
from proxy.sources import Found, look
from tests.aws import CONTAINER_TOKEN, Aws, Refusal, container
from translators.errors import APIError

STATIC = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
ROLE = "role_arn = arn:aws:iam::123456789012:role/dev\n"
SSO = """[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = dev
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
"""
PROCESS = '{"Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "s", "Expiration": "2099-01-01T00:00:00Z"}'


LOGIN = "sso-token"


def found() -> Found:
    return asyncio.run(look())


def refused() -> APIError:
    with pytest.raises(APIError) as caught:
        found()
    assert caught.value.status == 503
    return caught.value


@pytest.fixture
def config(environ: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return tmp_path / "config"


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where logins are kept: below the home directory as it was when botocore was imported."""
    monkeypatch.setattr(SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def log_in(
    cache: Path, token: str = LOGIN, *, expires_in: timedelta = timedelta(hours=8), **more: str
) -> None:
    """What `aws sso login` leaves for the session named corp."""
    name = hashlib.sha1(b"corp").hexdigest()  # noqa: S324
    login = {"accessToken": token, "expiresAt": moment(expires_in), "region": "eu-west-1", **more}
    (cache / f"{name}.json").write_bytes(orjson.dumps(login))


def moment(away: timedelta) -> str:
    return (datetime.now(UTC) + away).strftime("%Y-%m-%dT%H:%M:%SZ")


def refreshable() -> dict[str, str]:
    """What makes an SSO login one that renews itself."""
    return {
        "refreshToken": "refresh-token",
        "clientId": "aws-cli",
        "clientSecret": "secret",
        "registrationExpiresAt": moment(timedelta(days=30)),
    }


# What is found


def test_keys_in_the_environment(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    environ.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    assert found().keys.access_key == "AKIDEXAMPLE"
    assert str(found().origin) == "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    assert "Start the proxy again" in found().origin.remedy
    assert found().expires is None


def test_keys_in_the_shared_file(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(f"[default]\n{STATIC}")

    assert str(found().origin) == "the shared credentials file, profile default"
    assert "no restart" in found().origin.remedy


def test_keys_in_the_config_file(config: Path, environ: pytest.MonkeyPatch) -> None:
    config.write_text(f"[profile dev]\n{STATIC}")
    environ.setenv("AWS_PROFILE", "dev")

    assert str(found().origin) == "the config file, profile dev"


def test_a_process(config: Path, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(PROCESS)
    config.write_text(f"[default]\ncredential_process = cat {tmp_path / 'keys.json'}\n")

    assert found().keys.access_key == "AKIDPROCESS"
    assert found().expires == datetime(2099, 1, 1, tzinfo=UTC).timestamp()
    assert str(found().origin) == "a credential_process, profile default"


def test_a_role_is_assumed_where_only_aws_region_says_the_region(
    config: Path, environ: pytest.MonkeyPatch, aws: Aws
) -> None:
    environ.setenv("AWS_PROFILE", "dev")
    environ.setenv("AWS_REGION", "eu-west-1")
    config.write_text(f"[profile dev]\nsource_profile = base\n{ROLE}[profile base]\n{STATIC}")

    role = found()

    assert (role.keys.access_key, role.keys.token, str(role.origin)) == (
        "ASIA1",
        "token1",
        "an assumed role, profile dev",
    )
    assert role.expires is not None
    assert aws.asked == ["AssumeRole"]


def test_a_web_identity(environ: pytest.MonkeyPatch, aws: Aws, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token-of-kubernetes")
    environ.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    environ.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/dev")

    assert found().origin.method == "assume-role-with-web-identity"
    assert aws.asked == ["AssumeRoleWithWebIdentity"]


def test_sso(config: Path, cache: Path, environ: pytest.MonkeyPatch, aws: Aws) -> None:
    environ.setenv("AWS_PROFILE", "dev")
    config.write_text(SSO)
    log_in(cache)

    assert found().keys.access_key == "ASIA1"
    assert str(found().origin) == "SSO, profile dev"
    assert found().origin.login == "aws sso login --profile dev"


def test_an_sso_login_renews_itself(config: Path, cache: Path, environ: pytest.MonkeyPatch, aws: Aws) -> None:
    environ.setenv("AWS_PROFILE", "dev")
    config.write_text(SSO)
    log_in(cache, expires_in=timedelta(hours=-1), **refreshable())

    assert found().keys.access_key == "ASIA1"
    assert aws.asked == ["CreateToken", "GetRoleCredentials"]
    assert "renewed-sso-token" in next(cache.iterdir()).read_text(), "the AWS CLI finds it too"


def test_aws_login(config: Path, environ: pytest.MonkeyPatch, aws: Aws, tmp_path: Path) -> None:
    """Keys that live for fifteen minutes, and are renewed with what the login left."""
    pytest.importorskip("awscrt", reason="needs outcrop[login]")
    leave_login(config, environ, tmp_path)

    assert found().keys.access_key == "ASIA1"
    assert (str(found().origin), found().origin.login) == ("aws login, profile default", "aws login")
    assert aws.asked == ["CreateOAuth2Token"], "what was renewed is kept"


def leave_login(config: Path, environ: pytest.MonkeyPatch, folder: Path) -> None:
    """What `aws login` leaves, once its keys have expired."""
    session = "arn:aws:iam::123456789012:user/me"
    config.write_text(f"[default]\nlogin_session = {session}\n")
    environ.setenv("AWS_LOGIN_CACHE_DIRECTORY", str(folder))
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    keys = {
        "accessKeyId": "ASIAOLD",
        "secretAccessKey": "secret",
        "sessionToken": "token",
        "accountId": "123456789012",
        "expiresAt": moment(timedelta(minutes=-1)),
    }
    login = {
        "accessToken": keys,
        "refreshToken": "refresh-token",
        "clientId": "aws-cli",
        "dpopKey": key.decode(),
    }
    name = hashlib.sha256(session.encode()).hexdigest()
    (folder / f"{name}.json").write_bytes(orjson.dumps(login))


def test_a_container(environ: pytest.MonkeyPatch, aws: Aws) -> None:
    for name, value in container(aws).items():
        environ.setenv(name, value)

    assert found().keys.token == "token1"
    assert str(found().origin) == "the container's role"


def test_an_ecs_task(environ: pytest.MonkeyPatch, aws: Aws) -> None:
    """There only a path is told, of an address that every task has."""
    environ.setattr("botocore.utils.ContainerMetadataFetcher.IP_ADDRESS", aws.url.removeprefix("http://"))
    environ.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/container")
    environ.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", CONTAINER_TOKEN)

    assert found().origin.method == "container-role"
    assert aws.asked == ["container"]


def test_eks_pod_identity(environ: pytest.MonkeyPatch, aws: Aws, tmp_path: Path) -> None:
    """Its token is in a file that is rotated."""
    (tmp_path / "token").write_text(CONTAINER_TOKEN)
    environ.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{aws.url}/container")
    environ.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(tmp_path / "token"))

    assert found().origin.method == "container-role"


def test_an_instance(environ: pytest.MonkeyPatch, aws: Aws) -> None:
    environ.delenv("AWS_EC2_METADATA_DISABLED")
    environ.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.url)

    assert str(found().origin) == "the EC2 instance's role"
    assert aws.asked == ["metadata token", "instance"]


def test_keys_in_the_environment_come_before_a_profile(
    config: Path, environ: pytest.MonkeyPatch, aws: Aws
) -> None:
    config.write_text(SSO)
    environ.setenv("AWS_PROFILE", "dev")
    environ.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    environ.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    assert (found().origin.method, found().origin.login) == ("env", None)


# What is not


def test_nothing_anywhere(environ: pytest.MonkeyPatch) -> None:
    error = refused()

    assert (error.code, error.command) == ("aws_credentials_missing", "aws configure sso")


def test_half_a_pair_of_keys(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")

    assert refused().code == "aws_credentials_missing"
    assert "AWS_SECRET_ACCESS_KEY" in refused().message


def test_a_profile_that_is_not_there(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_PROFILE", "gone")

    assert refused().command == "aws configure list-profiles"
    assert "gone" in refused().message


LOGINS = {
    "never logged in": None,
    "logged in yesterday": timedelta(hours=-8),
}


@pytest.mark.parametrize("expires_in", LOGINS.values(), ids=LOGINS.keys())
@pytest.mark.parametrize("profile", ["dev", "role"])
def test_an_sso_login_that_is_over_names_the_profile_to_log_in_to(
    config: Path,
    cache: Path,
    environ: pytest.MonkeyPatch,
    aws: Aws,
    profile: str,
    expires_in: timedelta | None,
) -> None:
    environ.setenv("AWS_PROFILE", profile)
    config.write_text(f"{SSO}[profile role]\nsource_profile = dev\n{ROLE}")
    if expires_in is not None:
        log_in(cache, expires_in=expires_in)

    error = refused()

    assert (error.code, error.command) == ("aws_credentials_expired", "aws sso login --profile dev")
    assert "Run `aws sso login --profile dev`; no restart is needed." in error.message
    assert not error.retryable


def test_a_login_that_sso_ended(config: Path, cache: Path, environ: pytest.MonkeyPatch, aws: Aws) -> None:
    environ.setenv("AWS_PROFILE", "dev")
    config.write_text(SSO)
    log_in(cache, "a-token-that-was-revoked")

    assert refused().command == "aws sso login --profile dev"


def test_an_sso_login_that_cannot_renew_itself_any_more(
    config: Path, cache: Path, environ: pytest.MonkeyPatch, aws: Aws
) -> None:
    environ.setenv("AWS_PROFILE", "dev")
    config.write_text(SSO)
    log_in(cache, expires_in=timedelta(hours=-1), **refreshable())
    aws.refreshable = set()

    error = refused()

    assert (error.code, error.command) == ("aws_credentials_expired", "aws sso login --profile dev")


def test_an_aws_login_that_is_over(
    config: Path, environ: pytest.MonkeyPatch, aws: Aws, tmp_path: Path
) -> None:
    pytest.importorskip("awscrt", reason="needs outcrop[login]")
    leave_login(config, environ, tmp_path)
    aws.refreshable = set()

    error = refused()

    assert (error.code, error.command) == ("aws_credentials_expired", "aws login")


def test_aws_login_without_its_library(config: Path, environ: pytest.MonkeyPatch) -> None:
    environ.setattr("aiobotocore.credentials.EC", None)
    config.write_text("[default]\nlogin_session = arn:aws:iam::123456789012:user/me\n")

    assert refused().command == "pip install 'outcrop[login]'"


def test_a_role_that_wants_an_mfa_code(config: Path, aws: Aws) -> None:
    config.write_text(f"[default]\nsource_profile = base\nmfa_serial = arn:x\n{ROLE}[profile base]\n{STATIC}")

    assert refused().code == "aws_credentials_invalid"
    assert "MFA" in refused().message


def test_a_process_that_prints_something_else(config: Path) -> None:
    config.write_text("[default]\ncredential_process = echo please log in\n")

    assert refused().code == "aws_credentials_expired"
    assert "please" not in refused().message  # what it prints may be a secret


def test_a_process_that_is_not_there(config: Path) -> None:
    config.write_text("[default]\ncredential_process = /nowhere/at/all\n")

    assert refused().code == "aws_credentials_invalid"
    assert "/nowhere/at/all" in refused().message


def test_a_config_file_that_cannot_be_read(config: Path) -> None:
    config.write_text("[default\nregion = x")

    assert refused().code == "aws_credentials_invalid"
    assert str(config) in refused().message


STS_REFUSALS = {
    "not trusted": (Refusal(403, "AccessDenied", "not authorized to perform: sts:AssumeRole"), "invalid"),
    "expired": (
        Refusal(403, "ExpiredToken", "The security token included in the request is expired"),
        "expired",
    ),
    "unknown": (Refusal(403, "InvalidClientTokenId", "The security token is invalid."), "invalid"),
    "throttled": (Refusal(400, "Throttling", "Rate exceeded"), "unavailable"),
    "broken": (Refusal(503, "ServiceUnavailable", "Try again"), "unavailable"),
}


@pytest.mark.parametrize(("refusal", "kind"), STS_REFUSALS.values(), ids=STS_REFUSALS.keys())
def test_what_sts_refuses(
    config: Path, aws: Aws, environ: pytest.MonkeyPatch, refusal: Refusal, kind: str
) -> None:
    environ.setenv("AWS_MAX_ATTEMPTS", "1")
    config.write_text(f"[default]\nsource_profile = base\n{ROLE}[profile base]\n{STATIC}")
    aws.refusal = refusal

    error = refused()

    assert error.code == f"aws_credentials_{kind}"
    assert refusal.message in error.message


def test_a_clock_that_is_wrong_is_told_from_keys_that_are(
    config: Path, aws: Aws, environ: pytest.MonkeyPatch
) -> None:
    config.write_text(f"[default]\nsource_profile = base\n{ROLE}[profile base]\n{STATIC}")
    aws.refusal = Refusal(403, "SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2")

    assert "Set the clock" in refused().message


def test_a_token_service_that_cannot_be_reached(config: Path, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    environ.setenv("AWS_MAX_ATTEMPTS", "1")
    config.write_text(f"[default]\nsource_profile = base\n{ROLE}[profile base]\n{STATIC}")

    error = refused()

    assert (error.code, error.retry_after, error.retryable) == ("aws_credentials_unavailable", 2, True)


def test_a_container_service_that_fails(environ: pytest.MonkeyPatch, aws: Aws) -> None:
    environ.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{aws.url}/container")
    environ.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)

    assert refused().code == "aws_credentials_unavailable"


# What is empty

EMPTY = ["AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_ROLE_ARN", "AWS_DEFAULT_REGION"]


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_variable_is_an_absent_one(environ: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (tmp_path / "credentials").write_text(f"[default]\n{STATIC}")
    environ.setenv(name, "")

    drop_empty(os.environ)

    assert found().origin.method == "shared-credentials-file"


def test_an_empty_ca_bundle_does_not_turn_verification_off(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("REQUESTS_CA_BUNDLE", "")

    drop_empty(os.environ)

    assert "REQUESTS_CA_BUNDLE" not in os.environ
