"""Addresses of web sources: which a setting may name, and which a connection may reach.

A setting is looked at when it is read, before anything is asked; what its name leads to is looked at
again when the connection stands, because a name can be made to lead elsewhere meanwhile.
"""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

_LONGEST: Final = 500
_NEEDLESS: Final = re.compile(r"[^\x21-\x7e]|[\\\"<>^`{|}]")
# Full public names only. The last part starts with a letter, so 127.1, 0x7f.1 and 2130706433, which some
# resolvers take for this machine, are no names.
_NAME: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,10}[a-z][a-z0-9-]{0,61}[a-z0-9]")
_INSIDE: Final = (".internal", ".local", ".localhost", ".localdomain", ".lan", ".home", ".corp", ".intranet",
                  ".private", ".home.arpa")  # fmt: skip
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def fault_of(address: str) -> str:
    """Say what makes an address unfit to be the base of a web source, or nothing.

    Parameters
    ----------
    address : str
        `https://` and a full public name; or `http://` and this machine, for a mirror or a test.

    Returns
    -------
    str
        Goes on from the setting's name: `must start with https://`. Never repeats the address, which
        could hold a password.
    """
    if len(address) > _LONGEST or _NEEDLESS.search(address):
        return "holds characters that no web address needs, or too many"
    try:
        parts = urlsplit(address)
        host, has_port = parts.hostname or "", parts.port is not None
    except ValueError:
        return "is not a web address"
    if "@" in parts.netloc:
        return "must not hold a user name or a password"
    if parts.scheme not in ("https", "http"):
        return "must start with https://"
    if "?" in address or "#" in address or ".." in parts.path:
        return "must end with its path: no ?, no # and no .."
    if parts.netloc.endswith(":") or (has_port and not parts.port):
        return "has a port that cannot be"
    return _fault_of_host(host, is_plain=parts.scheme == "http")


def _fault_of_host(host: str, *, is_plain: bool) -> str:
    if is_loopback(host):
        return ""
    if is_plain:
        return "must start with https:// (http:// only to this machine)"
    if _ip(host) is not None:
        return "" if is_public(host) else "must not name an address inside a network"
    if not _NAME.fullmatch(host) or host.endswith(_INSIDE):
        return "must name its host by a full public name"
    return ""


def is_loopback(host: str) -> bool:
    """Whether a host, as written, is this machine and can be nothing else."""
    address = _ip(host)
    return host == "localhost" if address is None else address.is_loopback


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet at large: not private, not this machine, not metadata.

    An IPv4 address inside an IPv6 one (mapped, or translated by NAT64) is judged instead of it; the old
    tunnels, 6to4 and Teredo, are never public.
    """
    found = _ip(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.sixtofour or found.teredo:
            return False
        inside = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else None
        found = found.ipv4_mapped or inside or found
    return found is not None and found.is_global and not (found.is_multicast or found.is_reserved)


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
