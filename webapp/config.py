"""What a site keeps beside its database: the instance folder and the key that signs form tokens.

The settings themselves, and the rules they are held to, are in `mapping.settings`.
"""

from mapping import kept_keys
from mapping.settings import Settings


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
    return settings.secret_key or kept_keys.kept(settings.instance_dir, "secret-key")
