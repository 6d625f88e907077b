"""Passwords."""

import re

import pytest

from mapping.errors import ConflictError
from mapping.store import passwords


def test_a_generated_password_is_long_unlike_and_easy_to_read_out():
    made = {passwords.generate() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([a-hj-km-np-z2-9]{5}-){2}[a-hj-km-np-z2-9]{5}", one) for one in made)


def test_the_hash_is_argon2id_with_the_parameters_of_rfc_9106_for_little_memory():
    kept = passwords.hashed("correct horse battery")
    # 64 MiB, three passes, four lanes
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.matches(kept, "correct horse battery")
    assert not passwords.matches(kept, "correct horse batterz")
    assert kept != passwords.hashed("correct horse battery")


def test_nothing_matches_where_there_is_no_hash():
    assert not passwords.matches(None, "correct horse battery")
    assert not passwords.matches("not a hash", "correct horse battery")


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 257])
def test_a_password_too_short_or_too_long_is_refused(password: str):
    with pytest.raises(ConflictError, match="12 to 256"):
        passwords.hashed(password)


def test_a_password_may_hold_anything_that_can_be_typed():
    for password in ("пароль пароль", "a b c d e f g", "\udcff" * 12):
        assert passwords.matches(passwords.hashed(password), password)
