"""What a site keeps beside its database: the instance folder and the key that signs form tokens.

The settings themselves, and the rules they are held to, are in `mapping.settings`.
"""

import os
import secrets

from mapping.errors import SettingsError
from mapping.settings import SHORTEST_KEY, Settings


def make_instance_dir(settings: Settings) -> None:
    """Make the instance folder, readable by its owner alone."""
    settings.instance_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def secret_key(settings: Settings) -> str:
    """Return the key that was set, or the one kept in the instance folder, made on first use.

    Raises
    ------
    SettingsError
        The kept key is too short to be safe.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.instance_dir / "secret-key"
    try:
        # O_EXCL: of two sites starting together one makes the key and the other reads it.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text(encoding="ascii").strip()
        if len(kept) < SHORTEST_KEY:
            raise SettingsError(
                "The key kept in the instance folder is too short to be safe; delete the file `secret-key` "
                "there to have a new one made."
            ) from None
        return kept
    made = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made)
    return made
