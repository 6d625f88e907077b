"""Servers on this machine that answer in the documented shapes and write down what they were asked."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import shapely

from mapping.sources.client import Client, Patience
from mapping.sources.kept import Kept


@dataclass
class Question:
    """One request as it came."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]

    @property
    def parts(self) -> list[str]:
        return [unquote(part) for part in self.path.strip("/").split("/")]

    def __str__(self) -> str:
        words = "&".join(f"{name}={value}" for name, value in sorted(self.params.items()))
        return f"{self.method} {self.path}?{words}"


@dataclass
class Reply:
    """What goes back; `sent` bytes of the body and then nothing, where it is given."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sent: int | None = None
    is_dropped: bool = False
    has_length: bool = True
    before: Callable[[], object] | None = None
    pieces: list[bytes] | None = None
    between: Callable[[], object] | None = None

    @classmethod
    def of(cls, value: object, **more) -> "Reply":
        return cls(json.dumps(value).encode(), **more)


class Replay:
    """Answers by `answer` and remembers every question in `seen`."""

    def __init__(self, answer: Callable[[Question], Reply]) -> None:
        self.answer = answer
        self.seen: list[Question] = []
        replay = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args) -> None:
                pass

            def do_GET(self) -> None:
                self._reply("GET")

            def do_POST(self) -> None:
                self._reply("POST")

            def do_CONNECT(self) -> None:
                self._reply("CONNECT")

            def _reply(self, method: str) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                parts = urlsplit(self.path) if method != "CONNECT" else urlsplit(f"//{self.path}")
                path = parts.path if method != "CONNECT" else self.path
                words = dict(parse_qsl(body if method == "POST" else parts.query, keep_blank_values=True))
                question = Question(method, path, words, dict(self.headers))
                replay.seen.append(question)
                reply = replay.answer(question)
                if reply.before:
                    reply.before()
                if reply.is_dropped:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response_only(reply.status)
                headers = {"Content-Type": "application/json", **reply.headers}
                if reply.has_length:
                    headers.setdefault("Content-Length", str(len(reply.body)))
                for name, value in {**headers, "Connection": "close"}.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in reply.pieces or [reply.body[: reply.sent]]:
                    try:
                        self.wfile.write(piece)
                        self.wfile.flush()
                    except OSError:  # the client had enough
                        break
                    if reply.between:
                        reply.between()
                self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def asked(self) -> list[str]:
        """Return the questions as one line each, without the base path."""
        return [str(question).replace("/api", "", 1) for question in self.seen]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture
def replay() -> Iterator[Callable[..., Replay]]:
    """Start servers; each is ended with the test."""
    started: list[Replay] = []

    def start(answer: Callable[[Question], Reply]) -> Replay:
        started.append(Replay(answer))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


class Time:
    """A clock that only waiting moves, so that no test waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def time_told() -> Time:
    return Time()


@pytest.fixture
def make_client(tmp_path, time_told) -> Iterator[Callable[..., Client]]:
    """Make clients of a server that never wait in truth; answers are kept in one folder."""
    made: list[Client] = []

    def make(base: str, *, is_fresh: bool = False, **more) -> Client:
        kept = Kept(tmp_path / "answers", is_fresh=is_fresh)
        options = {
            "clock": lambda: time_told.now, "sleep": time_told.sleep, "chance": lambda: 1.0,
            "per_second": math.inf, "patience": Patience(read_s=5, connect_s=5), **more,
        }  # fmt: skip
        made.append(Client(base, kept, **options))
        return made[-1]

    yield make
    for client in made:
        client.__exit__(None, None, None)


# --- ONS Open Geography, invented ----------------------------------------------------------------

EASTING, NORTHING = 450_000, 518_000


class Ons:
    """Wards of two districts as squares of 1 km in a row, served as ArcGIS REST does.

    `wards` holds (code, name, district); what is published is in `services`, by name: "wards" with a
    district column, "bare" without one, or "table".
    """

    def __init__(self) -> None:
        self.year = "25"
        self.wards = [(f"E0500{n:04d}", f"Ward {n}", "E06000002") for n in range(1, 8)]
        self.wards += [(f"E0500{n:04d}", f"Ward {n}", "E06000004") for n in range(11, 14)]
        self.services = {
            "Wards_May_2025_Boundaries_UK_BFC": "wards",
            "Wards_May_2025_Boundaries_UK_BGC": "wards",
            "WD_MAY_2023_UK_BFC": "wards",
            "Local_Authority_Districts_May_2025_Boundaries_UK_BFC": "wards",
        }
        self.most = 2000
        self.epsg = 27700
        self.heeds_out_sr = True
        self.edited = 1_750_000_000_000
        self.features: dict[str, dict] = {}  # by code, where a test brings its own outlines
        self.first: dict[str, Reply] = {}  # replies to questions that hold a text, given once

    def answer(self, question: Question) -> Reply:
        for text in list(self.first):
            if text in str(question):
                return self.first.pop(text)
        assert question.params.get("f") in ("json", "geojson")
        parts = question.parts[1:]
        if not parts:
            return Reply.of({"currentVersion": 11.5, "services": self._services()})
        kind = self.services.get(parts[0])
        if kind is None or parts[1:3] != ["FeatureServer", "0"]:
            return Reply.of({"error": {"code": 400, "message": "Invalid URL", "details": []}})
        return Reply.of(self._query(kind, question.params) if parts[3:] == ["query"] else self._layer(kind))

    def _services(self) -> list[dict]:
        host = "https://elsewhere.example/arcgis/rest/services"  # never gone to
        listed = [
            {"name": name, "type": "FeatureServer", "url": f"{host}/{name}/FeatureServer"}
            for name in self.services
        ]
        return [*listed, {"name": "Wards_May_2026_Boundaries_UK_BFC", "type": "MapServer", "url": host}]

    def _columns(self, kind: str) -> list[str]:
        year = self.year
        districts = {"wards": [f"LAD{year}CD", f"LAD{year}NM"], "table": [f"LAD{year}CD"], "bare": []}[kind]
        return ["FID", f"WD{year}CD", f"WD{year}NM", *districts]

    def _layer(self, kind: str) -> dict:
        return {
            "id": 0,
            "fields": [{"name": name, "type": "esriFieldTypeString"} for name in self._columns(kind)],
            "maxRecordCount": self.most,
            "extent": {"spatialReference": {"wkid": self.epsg, "latestWkid": self.epsg}},
            "editingInfo": {"lastEditDate": self.edited},
            "advancedQueryCapabilities": {"supportsPagination": True},
        }

    def _query(self, kind: str, params: dict[str, str]) -> dict:
        rows = sorted(self._matching(params["where"]))
        if params.get("returnCountOnly") == "true":
            return {"count": len(rows)}
        assert params["orderByFields"] == f"WD{self.year}CD"
        offset, size = int(params["resultOffset"]), min(int(params["resultRecordCount"]), self.most)
        page, is_more = rows[offset : offset + size], len(rows) > offset + size
        wanted = params["outFields"].split(",")
        if params["f"] == "json":
            assert params["returnGeometry"] == "false"
            found = {"features": [{"attributes": self._values(row, wanted)} for row in page]}
            return found | ({"exceededTransferLimit": True} if is_more else {})
        features = [self._feature(row, wanted, params["outSR"]) for row in page]
        marks = {"properties": {"exceededTransferLimit": True}} if is_more else {}
        return {"type": "FeatureCollection", "features": features, **marks}

    def _matching(self, where: str) -> list[tuple[str, str, str]]:
        column, _, listed = where.partition(" IN ") if " IN " in where else where.partition("=")
        codes = set(listed.strip("()").replace("'", "").split(","))
        at = {f"WD{self.year}CD": 0, f"LAD{self.year}CD": 2}[column]
        return [ward for ward in self.wards if ward[at] in codes]

    def _values(self, ward: tuple[str, str, str], wanted: list[str]) -> dict:
        year = self.year
        every = {f"WD{year}CD": ward[0], f"WD{year}NM": ward[1], f"LAD{year}CD": ward[2]}
        return {name: every[name] for name in wanted}

    def _feature(self, ward: tuple[str, str, str], wanted: list[str], out_sr: str) -> dict:
        if ward[0] in self.features:
            geometry = self.features[ward[0]]["geometry"]
        else:
            assert out_sr == str(self.epsg)
            west = EASTING + 1000 * int(ward[0][-4:])
            geometry = json.loads(
                shapely.to_geojson(shapely.box(west, NORTHING, west + 1000, NORTHING + 1000))
            )
        return {"type": "Feature", "id": 1, "geometry": geometry, "properties": self._values(ward, wanted)}


@pytest.fixture
def ons() -> Ons:
    return Ons()


# --- data.police.uk, invented --------------------------------------------------------------------

CATEGORIES = [
    {"url": "all-crime", "name": "All crime"},
    {"url": "anti-social-behaviour", "name": "Anti-social behaviour"},
    {"url": "violent-crime", "name": "Violence and sexual offences"},
    {"url": "burglary", "name": "Burglary"},
]


class Police:
    """A force with square neighbourhoods side by side, and crimes at points, in the documented shapes."""

    def __init__(self) -> None:
        self.published_on = "2025-09-01"
        self.months = ["2025-09", "2025-08", "2025-07"]
        self.forces = [
            {"id": "exampleshire", "name": "Exampleshire Police"},
            {"id": "kent", "name": "Kent Police"},
        ]
        self.rings = {"N1": self.square(-1.24, 54.56), "N 2/x": self.square(-1.23, 54.56)}
        self.crimes: list[dict] = []
        self.most = 10_000
        self.first: dict[str, Reply] = {}

    @staticmethod
    def square(west: float, south: float, side: float = 0.01) -> list[dict]:
        corners = [(west, south), (west + side, south), (west + side, south + side), (west, south + side)]
        return [{"latitude": f"{y:.6f}", "longitude": f"{x:.6f}"} for x, y in corners]

    def add(
        self, number: int, lng=None, lat=None, *, month="2025-09", category="burglary", kind="Force", **more
    ):
        place = {
            "latitude": str(round(lat or 0, 6)),
            "longitude": str(round(lng or 0, 6)),
            "street": {"id": 1, "name": "On or near Eden Road"},
        }
        self.crimes.append(
            {
                "category": category, "persistent_id": f"{number:064x}", "location_subtype": "", "id": number,
                "location": place if lat is not None else None, "context": "", "month": month,
                "location_type": kind if lat is not None else None,
                "outcome_status": {"category": "Under investigation", "date": month}, **more,
            }
        )  # fmt: skip

    def answer(self, question: Question) -> Reply:
        for text in list(self.first):
            if text in str(question):
                return self.first.pop(text)
        match question.parts[1:]:
            case ["crime-last-updated"]:
                return Reply.of({"date": self.published_on})
            case ["crimes-street-dates"]:
                return Reply.of(
                    [{"date": month, "stop-and-search": ["exampleshire"]} for month in self.months]
                )
            case ["forces"]:
                return Reply.of(self.forces)
            case ["crime-categories"]:
                return Reply.of(CATEGORIES)
            case ["exampleshire", "neighbourhoods"]:
                return Reply.of([{"id": place, "name": f"Place {place}"} for place in self.rings])
            case ["exampleshire", place, "boundary"] if self.rings.get(place):
                return Reply.of(self.rings[place])
            case ["crimes-street", "all-crime"]:
                return self._street(question.params)
            case ["crimes-no-location"]:
                assert question.params["category"] == "all-crime"
                assert question.params["force"] == "exampleshire"
                return Reply.of([crime for crime in self._of(question) if crime["location"] is None])
        return Reply(b"Not Found", status=404)

    def _of(self, question: Question) -> list[dict]:
        return [crime for crime in self.crimes if crime["month"] == question.params["date"]]

    def _street(self, params: dict[str, str]) -> Reply:
        corners = [tuple(map(float, pair.split(","))) for pair in params["poly"].split(":")]
        area = shapely.Polygon([(lng, lat) for lat, lng in corners])
        found = [
            crime
            for crime in self.crimes
            if crime["month"] == params["date"] and crime["location"]
            and area.intersects(
                shapely.Point(float(crime["location"]["longitude"]), float(crime["location"]["latitude"]))
            )
        ]  # fmt: skip
        return Reply(b"", status=503) if len(found) > self.most else Reply.of(found)


@pytest.fixture
def police() -> Police:
    return Police()
