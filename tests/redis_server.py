"""A redis-server of the tests' own, with nothing on disk: a Unix socket, and free ports of the loopback."""

import datetime
import ipaddress
import pathlib
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class RedisServer:
    """Accepts connections when the block begins."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self._socket = folder / "redis.sock"

    def __enter__(self) -> Self:
        port, tls_port = free_ports(2)
        certificate, key = certified(self._folder)
        self.urls = {
            "unix": f"unix://{self._socket}",
            "redis": f"redis://127.0.0.1:{port}/0",
            "rediss": f"rediss://127.0.0.1:{tls_port}/0?ssl_ca_certs={certificate}",
        }
        self.url = self.urls["unix"]
        self._process = subprocess.Popen(  # noqa: S603
            [
                *("redis-server", "--dir", self._folder, "--save", "", "--appendonly", "no"),
                *("--bind", "127.0.0.1", "--port", str(port), "--unixsocket", self._socket),
                *("--tls-port", str(tls_port), "--tls-cert-file", certificate, "--tls-key-file", key),
                *("--tls-ca-cert-file", certificate, "--tls-auth-clients", "no"),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        said = ""
        for line in self._process.stdout:
            said += line
            if "ready to accept connections" in line.lower():
                return self
        raise AssertionError(said)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)

    def say(self, *words: str | bytes | int) -> Any:
        """Any: the answer to whatever was said."""
        with redis.Redis(unix_socket_path=str(self._socket)) as client:
            return client.execute_command(*words)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It keeps its connections, takes new ones, and says nothing."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def everything(self) -> dict[bytes, bytes]:
        return {key: self.say("GET", key) for key in self.say("KEYS", "*")}


def free_ports(count: int) -> list[int]:
    free = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in free]
    for each in free:
        each.close()
    return ports


def certified(folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """The files of a certificate for 127.0.0.1 that signs itself, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "redis")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "redis.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "redis.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "redis.crt", folder / "redis.key"
