"""Passwords: generated ones to be shown once, and the hashes that are all the store keeps."""

import functools
import secrets
from typing import Final

from mapping.errors import ConflictError

SHORTEST: Final = 12
LONGEST: Final = 256

# 15 characters from 31 are 74 bits; letters and digits that are mistaken for others are left out.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def generate() -> str:
    """Return a password to be shown once: three groups of five letters and digits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(3))


def hashed(password: str) -> str:
    """Return what the store keeps of a password (Argon2id); takes 0.1 s and 64 MB.

    Raises
    ------
    ConflictError
        It is too short or too long.

    References
    ----------
    RFC 9106, section 4: the second recommended option, for machines with little memory.
    """
    from argon2 import PasswordHasher  # signing in and making accounts alone need it
    from argon2.profiles import RFC_9106_LOW_MEMORY

    if not SHORTEST <= len(password) <= LONGEST:
        raise ConflictError(
            f"A password needs {SHORTEST} to {LONGEST} characters; three or four words do well."
        )
    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY).hash(_bytes(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Say whether a password is the hashed one; without a hash never, and in the same time."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        PasswordHasher().verify(password_hash or _nobodys(), _bytes(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@functools.cache
def _nobodys() -> str:
    return hashed(secrets.token_urlsafe(24))
