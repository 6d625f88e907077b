"""One polite web client: asks one host, slowly, again where that can help, and believes little.

It reaches only the host of its base address (`connection` beside this sees to that), follows no
redirect, reads no more than a limit, and never takes an address out of an answer.
"""

import email.utils
import json
import random
import re
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import requests
import urllib3

from mapping.errors import SettingsError, SourceError
from mapping.sources import connection
from mapping.sources.kept import Kept
from mapping.web_addresses import fault_of

Answer = TypeVar("Answer")
Progress = Callable[[float, str], None]  # the share done, and what is being done

PASSING: Final = frozenset({429, 500, 502, 503, 504})  # statuses that another try may not meet again
_AT_A_TIME: Final = 65_536  # bytes
_SEGMENT: Final = re.compile(r"(?!\.{1,2}$)[^\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True)
class Patience:
    """How long to wait and how often to ask, in seconds and tries."""

    connect_s: float = 10.0
    read_s: float = 60.0  # between two pieces of an answer
    answer_s: float = 300.0  # for a whole answer
    tries: int = 5
    first_wait_s: float = 1.0  # doubled with every try
    longest_wait_s: float = 60.0
    longest_asked_s: float = 300.0  # a source that asks for more is left alone for today


class PassingError(SourceError):
    """A fault that may be gone when asked again; `wait_s` is what the source asked for."""

    def __init__(self, message: str, *, status: int = 0, wait_s: float = 0.0) -> None:
        super().__init__(message, status=status)
        self.wait_s = wait_s


class Client:
    """Asks one web source for JSON.

    Parameters
    ----------
    base : str
        Address that every question starts with.
    kept : Kept
        Where answers are kept.
    per_second : float
        Most questions a second.
    max_bytes : int
        Most that one answer may hold, unpacked.
    patience : Patience
    advice : str
        What a person can do when the source was asked in vain.
    clock, sleep, chance : callable
        The time, waiting, and a share 0-1 by which waits differ, so that many do not come back together.

    Raises
    ------
    SettingsError
        The base address is not one that may be asked.
    """

    def __init__(
        self,
        base: str,
        kept: Kept,
        *,
        per_second: float = 5.0,
        max_bytes: int = 64 * 2**20,
        patience: Patience | None = None,
        advice: str = "Run the command again later: what came is kept.",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if fault := fault_of(base):
            raise SettingsError(f"The address of a web source {fault}.")
        self._base = base.rstrip("/")
        self.host = urlsplit(base).hostname or ""
        self.asked = 0  # questions that went out, tries included
        self._kept = kept
        self._patience, self._advice = patience or Patience(), advice
        self._max_bytes = max_bytes
        self._clock, self._sleep, self._chance = clock, sleep, chance
        self._pause_s, self._next_at = 1 / per_second, clock()
        self._session = connection.open_session()
        self._proxies = connection.proxies(self._base)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def ask(
        self,
        *path: str,
        params: Mapping[str, str] | None = None,
        read: Callable[[Any], Answer],
        tag: str = "",
        is_post: bool = False,
        tries_at: Mapping[int, int] | None = None,
    ) -> Answer:
        """Ask one question, unless its answer is kept.

        Parameters
        ----------
        path : str
            Parts of the path after the base address; whatever they hold, they stay one part each.
        params : mapping of str to str
            Sent in the address, or in the body of a POST.
        read : callable
            Makes the answer out of the JSON; raises `SourceError` where that is not of the
            documented shape. Only what it could read is kept.
        tag : str
            Names the publication or day for which the answer stays right; where empty it is not kept.
        tries_at : mapping of int to int
            How often to try where a status comes, other than `Patience.tries`.

        Raises
        ------
        SourceError
            The source was not reached, or its answer cannot be used.
        """
        words = [*sorted((params or {}).items())]
        method, url = "POST" if is_post else "GET", self._url(path)
        question = (method, url, urlencode(words), tag)
        known = self._kept.find(*question) if tag else None
        if known is not None:
            try:
                return read(_parsed(known, self.host))
            except SourceError:
                pass  # another version kept what this one cannot read
        content, answer = self._insist(method, url, words, read, tries_at or {})
        if tag:
            self._kept.keep(content, *question)
        return answer

    def remember(self, *words: str) -> None:
        """Keep a finding about this source, so that a later fetch need not make it again."""
        self._kept.keep(b"yes", self._base, *words)

    def recalls(self, *words: str) -> bool:
        """Whether a finding was kept."""
        return self._kept.find(self._base, *words) is not None

    def _url(self, path: tuple[str, ...]) -> str:
        for part in path:
            if not _SEGMENT.fullmatch(part):
                raise SourceError(f"{self.host} named something that cannot be part of a web address.")
        return "/".join([self._base, *(quote(part, safe="") for part in path)])

    def _insist(
        self,
        method: str,
        url: str,
        words: list[tuple[str, str]],
        read: Callable[[Any], Answer],
        tries_at: Mapping[int, int],
    ) -> tuple[bytes, Answer]:
        """Ask, and ask again where that can help, each time after a longer wait."""
        tried = 0
        while True:
            tried += 1
            try:
                content = self._send(method, url, words)
                return content, read(_parsed(content, self.host))
            except PassingError as fault:
                tries = tries_at.get(fault.status, self._patience.tries)
                if tried >= tries or fault.wait_s > self._patience.longest_asked_s:
                    raise self._given_up(fault, tried) from None
                self._sleep(max(fault.wait_s, self._wait(tried)))

    def _wait(self, tried: int) -> float:
        longest = min(self._patience.longest_wait_s, self._patience.first_wait_s * 2 ** (tried - 1))
        return longest * (0.5 + 0.5 * self._chance())

    def _given_up(self, fault: PassingError, tried: int) -> SourceError:
        often = "once" if tried == 1 else f"{tried} times"
        later = f" It asks to be left alone for {fault.wait_s:.0f} s." if fault.wait_s else ""
        return SourceError(f"{fault} It was asked {often}.{later} {self._advice}", status=fault.status)

    def _send(self, method: str, url: str, words: list[tuple[str, str]]) -> bytes:
        now = self._clock()
        if self._next_at > now:
            self._sleep(self._next_at - now)
        self._next_at = max(now, self._next_at) + self._pause_s
        self.asked += 1
        try:
            if not self._proxies:  # a proxy looks the name up itself
                connection.look_up(self.host)
            with self._session.request(
                method,
                url,
                params=words if method == "GET" else None,
                data=words if method == "POST" else None,
                stream=True,
                allow_redirects=False,
                timeout=(self._patience.connect_s, self._patience.read_s),
                proxies=self._proxies,
                verify=connection.certificates(),
            ) as response:
                self._require_ok(response)
                return self._body(response)
        # requests' own errors are OSErrors, as is a name that leads nowhere
        except (OSError, urllib3.exceptions.HTTPError) as fault:
            raise self._named(fault) from None

    def _named(self, fault: Exception) -> SourceError:
        """Word a fault of the connection."""
        if isinstance(fault, requests.exceptions.SSLError):
            return SourceError(
                f"{self.host} has no certificate that can be trusted. If your network looks into encrypted "
                "traffic, name its certificates in REQUESTS_CA_BUNDLE."
            )
        if isinstance(fault, requests.exceptions.ProxyError):
            return PassingError(f"The proxy named in HTTPS_PROXY did not let {self.host} be reached.")
        if isinstance(fault, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
            return PassingError(f"{self.host} did not answer in time.")
        return PassingError(f"{self.host} could not be reached, or broke off its answer.")

    def _require_ok(self, response: requests.Response) -> None:
        status = response.status_code
        if 300 <= status < 400:
            raise SourceError(
                f"{self.host} sent a redirect ({status}), which is not followed; the address in the settings "
                "must be where the data is.",
                status=status,
            )
        if status != 200:
            raise refusal(self.host, status, wait_s=_asked_wait(response.headers))

    def _body(self, response: requests.Response) -> bytes:
        """Read an answer, counting: neither too much nor too slowly.

        `iter_content` would wait for whole blocks and so never see an answer that drips.
        """
        stated = response.headers.get("Content-Length", "")
        if stated.isdigit() and len(stated) < 16 and int(stated) > self._max_bytes:
            raise self._too_large()
        content, started = bytearray(), self._clock()
        while piece := response.raw.read1(_AT_A_TIME, decode_content=False):
            content += piece
            if len(content) > self._max_bytes:
                raise self._too_large()
            if self._clock() - started > self._patience.answer_s:
                raise PassingError(f"{self.host} did not answer in time.")
        if response.headers.get("Content-Encoding", "identity").lower() == "identity":
            return bytes(content)
        return self._unpacked(bytes(content))

    def _unpacked(self, content: bytes) -> bytes:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)  # gzip, the one encoding that was asked for
        try:
            unpacked = unpacker.decompress(content, self._max_bytes + 1)
        except zlib.error:
            unpacked = b""
        if len(unpacked) > self._max_bytes:
            raise self._too_large()
        if not unpacker.eof:
            raise PassingError(f"{self.host} sent an answer that stops early or is damaged.")
        return unpacked

    def _too_large(self) -> SourceError:
        return SourceError(
            f"{self.host} sent more than {self._max_bytes // 2**20} MB in one answer, the most taken here."
        )


def refusal(host: str, status: int, *, wait_s: float = 0.0) -> SourceError:
    """Make the error for a status: one that may pass, or one that will not."""
    if status in PASSING:
        reason = "asked too often" if status == 429 else "overloaded or under repair"
        return PassingError(f"{host} answered {status} ({reason}).", status=status, wait_s=wait_s)
    return SourceError(f"{host} refused the question ({status}).", status=status)


def require_documented(host: str, fits: bool) -> None:
    """Refuse an answer whose shape is not the documented one.

    Raises
    ------
    SourceError
    """
    if not fits:
        raise SourceError(f"{host} answered in a shape that is not the documented one.")


def objects(host: str, value: Any) -> list[dict[str, Any]]:
    """Return an answer that has to be a list of objects.

    Raises
    ------
    SourceError
    """
    require_documented(host, isinstance(value, list) and all(isinstance(one, dict) for one in value))
    return list(value)


def silent(share: float, stage: str) -> None:
    """Tell nobody how far the work is."""


def _parsed(content: bytes, host: str) -> Any:
    if content.lstrip()[:1] == b"<":
        raise SourceError(
            f"{host} sent a web page where data was expected: the service is under repair, or the network "
            "wants a sign-in first."
        )
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise PassingError(f"{host} sent an answer that stops early or is not JSON.") from None


def _asked_wait(headers: Mapping[str, str]) -> float:
    """Return the seconds that a `Retry-After` asks for; a date is held against the answer's own."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        then = email.utils.parsedate_to_datetime(asked)
        return max(0.0, (then - email.utils.parsedate_to_datetime(headers.get("Date", ""))).total_seconds())
    except (ValueError, TypeError):
        return 0.0
