"""Signature Version 4 as botocore makes it: the same request at the same time has the same signature."""

from datetime import UTC, datetime

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from proxy.sigv4 import Keys, Signer

NOW = 1_795_000_000.5
RUNTIME = "https://bedrock-runtime.eu-west-1.amazonaws.com"

REQUESTS: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "a chat": (
        "POST",
        f"{RUNTIME}/model/a.b-v1%3A0/converse",
        b'{"a":1}',
        {"Content-Type": "application/json"},
    ),
    "an ARN": ("POST", f"{RUNTIME}/model/arn%3Aaws%3Abedrock%3A%3A1%3Ax%2Fy~z/converse", b"{}", {}),
    "a listing": ("GET", f"{RUNTIME}/inference-profiles?maxResults=1000&nextToken=t%2F%2B%3D", b"", {}),
    "a query out of order": ("GET", f"{RUNTIME}/x?b=2&a=1&a=0", b"", {}),
    "a port": ("GET", "http://127.0.0.1:9099/foundation-models", b"", {}),
    "a default port": ("GET", "https://EXAMPLE.com:443/foundation-models", b"", {}),
    "an IPv6 address": ("GET", "http://[::1]:9099/foundation-models", b"", {}),
    "a path below": ("POST", "https://gateway.example/base/model/x/converse", b"{}", {}),
    "dots for an id": ("POST", f"{RUNTIME}/model/../converse", b"{}", {}),
    "no path": ("GET", "https://sts.amazonaws.com", b"", {}),
    "padded headers": ("GET", f"{RUNTIME}/x", b"", {"X-Custom": " padded "}),
}


@pytest.mark.parametrize("token", [None, "session/token+with=signs"])
@pytest.mark.parametrize(("method", "url", "body", "headers"), REQUESTS.values(), ids=REQUESTS.keys())
def test_the_signature_is_botocores(
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    url: str,
    body: bytes,
    headers: dict[str, str],
    token: str | None,
) -> None:
    now = datetime.fromtimestamp(NOW, UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: now)
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    keys = ReadOnlyCredentials("AKIDEXAMPLE", "secret", token)
    botocore.auth.SigV4Auth(keys, "bedrock", "eu-west-1").add_auth(request)

    signer = Signer(Keys("AKIDEXAMPLE", "secret", token))

    in_pieces: list[bytes | memoryview] = [body[:3], memoryview(body)[3:]]
    for pieces in ([body], in_pieces):
        assert signer.sign(method, url, pieces, headers, region="eu-west-1", now=NOW) == dict(request.headers)


def test_another_day_or_region_has_another_key() -> None:
    signer = Signer(Keys("AKIDEXAMPLE", "secret"))

    def signature(region: str, now: float) -> str:
        return signer.sign("GET", RUNTIME, [], {}, region=region, now=now)["Authorization"]

    first = signature("eu-west-1", NOW)
    others = {signature("us-east-1", NOW), signature("eu-west-1", NOW + 86400)}

    assert len({first, *others}) == 3
    assert signature("eu-west-1", NOW) == first


def test_keys_are_not_shown() -> None:
    assert "secret" not in repr(Keys("AKIDEXAMPLE", "secret", "secret token"))
