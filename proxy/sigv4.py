"""AWS's Signature Version 4 for requests whose bytes are all there: the signing key is derived once a day.

botocore derives it for every request and builds objects around each; this takes a fifth of its time.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from time import gmtime, strftime
from urllib.parse import quote, urlsplit

from proxy.http1 import Body

ALGORITHM = "AWS4-HMAC-SHA256"
DEFAULT_PORTS = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """Never shown: two of the three are secrets."""

    access_key: str
    secret_key: str
    token: str | None = None


class Signer:
    """Signs with one set of keys, for any region."""

    def __init__(self, keys: Keys, service: str = "bedrock") -> None:
        self.keys = keys
        self._service = service
        self._derived: dict[tuple[str, str], bytes] = {}

    def sign(
        self, method: str, url: str, body: Body, headers: dict[str, str], *, region: str, now: float
    ) -> dict[str, str]:
        """The headers with those that prove who calls; `now` is in seconds since 1970."""
        moment = written(int(now))
        added = {"X-Amz-Date": moment}
        if self.keys.token:
            added["X-Amz-Security-Token"] = self.keys.token
        asked, names = canonical_request(method, url, body, headers | added)
        scope = f"{moment[:8]}/{region}/{self._service}/aws4_request"
        statement = f"{ALGORITHM}\n{moment}\n{scope}\n{sha256(asked.encode()).hexdigest()}"
        signature = hmac.digest(self._key(moment[:8], region), statement.encode(), "sha256").hex()
        credential = f"{self.keys.access_key}/{scope}"
        added["Authorization"] = (
            f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
        )
        return headers | added

    def _key(self, day: str, region: str) -> bytes:
        if (day, region) not in self._derived:
            self._derived = {known: key for known, key in self._derived.items() if known[0] == day}
            key = f"AWS4{self.keys.secret_key}".encode()
            for part in (day, region, self._service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._derived[day, region] = key
        return self._derived[day, region]


@lru_cache(maxsize=2)
def written(now: int) -> str:
    """The moment as AWS writes it."""
    return strftime("%Y%m%dT%H%M%SZ", gmtime(now))


def canonical_request(method: str, url: str, body: Body, headers: dict[str, str]) -> tuple[str, str]:
    """What is signed, and the names of the headers in it; the URL's path and query are encoded already."""
    host, path, query = canonical_url(url)
    lines = sorted([("host", host), *((name.lower(), value.strip()) for name, value in headers.items())])
    names = ";".join([name for name, _ in lines])
    said = "".join([f"{name}:{value}\n" for name, value in lines])
    return f"{method}\n{path}\n{query}\n{said}\n{names}\n{digest(body)}", names


def digest(body: Body) -> str:
    hashed = sha256()
    for piece in body:
        hashed.update(piece)
    return hashed.hexdigest()


@lru_cache(maxsize=1024)  # one for each model, as long as the ids are sane
def canonical_url(url: str) -> tuple[str, str, str]:
    """Host, path and query as they are signed."""
    scheme, netloc, path, query, _ = urlsplit(url)
    host = netloc.rpartition("@")[2].lower().removesuffix(DEFAULT_PORTS.get(scheme, ""))
    if "/." in path or "//" in path or not path:
        from botocore.utils import normalize_url_path  # takes long to import, and hardly any path is so

        path = normalize_url_path(path)
    # Encoded once more: only S3 signs a path as it is sent.
    return host, quote(path, safe="/~"), "&".join(sorted(query.split("&")))
