"""Values and names as a store may see them: AES-GCM, and digests that tell nothing without the key."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# Derived with scrypt, not HKDF: a key in settings may be a sentence that somebody thought of, and scrypt
# makes each guess cost 32 MiB and a fifth of a second. N, r and p are from
# https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
# All replicas must derive the same from the key alone, so the salt is ours; a new one forgets everything.
SALT = b"outcrop continuity 1"
N, R, P = 2**15, 8, 3
MEMORY = 64 * 1024 * 1024

NONCE = 12


class Unsealable(Exception):
    """Not sealed with this key for this place, or changed since."""


class Key:
    """What one secret of `[continuity] key` opens."""

    def __init__(self, secret: str) -> None:
        derived = hashlib.scrypt(secret.encode(), salt=SALT, n=N, r=R, p=P, maxmem=MEMORY, dklen=64)
        # Nonces are random: NIST SP 800-38D, 8.3, allows 2**32 of them for a key, some 10**9 turns.
        self._cipher = AESGCM(derived[:32])
        self._naming = derived[32:]

    def place(self, name: str) -> bytes:
        """Where what has this name is kept."""
        return hmac.digest(self._naming, name.encode(), "sha256")

    def seal(self, value: bytes, place: bytes) -> bytes:
        """`place` is authenticated too: moved elsewhere, the value cannot be unsealed."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, value, place)

    def unseal(self, sealed: bytes, place: bytes) -> bytes:
        """Raises Unsealable."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], place)
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise Unsealable from None
