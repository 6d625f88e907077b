"""The connection below the client: where it may lead, through which proxy, with which certificates.

Without a proxy, an address that is not public is refused twice: when the name is looked up, before
anything is connected to, and when the connection stands, before anything is sent, because a name can
be made to lead elsewhere in between. With one (HTTPS_PROXY, as most council networks need), the proxy
looks the name up and decides what may be reached.
"""

import os
import socket
from http.cookiejar import DefaultCookiePolicy
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from mapping.errors import SourceError
from mapping.web_addresses import is_loopback, is_public


def open_session() -> requests.Session:
    """Open a session that says who asks and takes nothing from the environment."""
    session = requests.Session()
    session.trust_env = False  # with it, passwords from a .netrc file would be sent
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # none is taken, none sent back
    session.headers.update(
        {
            "User-Agent": f"ward-hotspots/{metadata.version('ward-hotspots')} (community safety mapping)",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        }
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, _WatchedAdapter())
    return session


def proxies(base: str) -> dict[str, str]:
    """Return the proxy that HTTPS_PROXY names and NO_PROXY leaves, if any; for this machine there is none."""
    host = urlsplit(base).hostname or ""
    named = {} if is_loopback(host) else get_environ_proxies(base)
    proxy = named.get("https") or named.get("all")
    return {"https": proxy} if proxy else {}


def certificates() -> str | bool:
    """Return the file of certificates to trust, or True for those that come with the library."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def look_up(host: str) -> None:
    """Refuse a name that leads into a network.

    Raises
    ------
    SourceError
        One of its addresses is not public.
    OSError
        It has none.
    """
    if is_loopback(host):
        return
    for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM):
        _require_peer(host, str(address[0]))


def _require_peer(host: str, address: str) -> None:
    fits = is_loopback(address) if is_loopback(host) else is_public(address)
    if not fits:
        raise SourceError(
            "The name of the web source leads to an address inside a network, which is not asked; set its "
            "address to the public one."
        )


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


# urllib3 opens every socket in `_new_conn`: the one place between the connection and the first byte
# sent. A test holds that a name which changes its address after the look-up is caught here.
class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(self.host, super()._new_conn())


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(self.host, super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def _watched(host: str, connected: socket.socket) -> socket.socket:
    try:
        _require_peer(host, str(connected.getpeername()[0]))
    except BaseException:
        connected.close()
        raise
    return connected
