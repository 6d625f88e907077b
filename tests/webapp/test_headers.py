import pytest

from webapp.headers import POLICY

PAGES = ["/sign-in", "/", "/runs/1", "/nowhere", "/static/site.css", "/map-files/hotspot_map.css"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_policy(signed_in, path):
    headers = signed_in("analyst").get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert len(headers["X-Request-Id"]) == 16


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere():
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert POLICY.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in POLICY
    assert "base-uri 'none'" in POLICY


@pytest.mark.parametrize("path", ["/", "/runs/1", "/runs/1/map.js", "/imports", "/sign-in", "/nowhere"])
def test_pages_are_kept_by_no_cache(signed_in, path):
    assert signed_in("analyst").get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/static/site.css", "/map-files/leaflet/leaflet.js"])
def test_files_that_are_the_same_for_everybody_may_be_kept(visitor, path):
    assert "max-age" in visitor.get(path).headers["Cache-Control"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost:5000@evil.example"])
def test_a_host_that_the_settings_do_not_name_is_refused(visitor, host):
    answer = visitor.client.get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert host not in answer.text


def test_forwarded_headers_of_a_visitor_change_nothing(visitor):
    answer = visitor.client.get(
        "/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    )
    assert answer.location == "/sign-in?next=%2F"


def test_no_page_holds_an_inline_script_style_or_handler(signed_in):
    visitor = signed_in("analyst")
    for path in (
        "/sign-in",
        "/",
        "/runs/1",
        "/runs/1/wards/E05000001",
        "/runs/1/hotspots/H1",
        "/runs/1/about",
    ):
        text = visitor.get(path).text
        assert " style=" not in text, path
        assert "<style" not in text, path
        assert " onclick=" not in text, path
        assert "<script>" not in text, path
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", ""), path
        assert "https://" not in text, path
