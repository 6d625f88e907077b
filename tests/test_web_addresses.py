"""BAD 82: an address that a setting names is refused by scheme, form and what it leads to."""

import pytest

from mapping.errors import SettingsError
from mapping.settings import SETTINGS, read_settings
from mapping.web_addresses import fault_of, is_loopback, is_public

GOOD = [
    "https://data.police.uk/api",
    "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services",
    "https://mirror.exampleshire.gov.uk:8443/ons/",
    "https://8.8.8.8/api",
    "http://127.0.0.1:8000/api",
    "http://localhost:8000",
    "http://[::1]:8000/api",
    "https://127.0.0.1:8443/api",
]

# address, and a word of the reason
BAD = [
    ("", "https://"),
    ("data.police.uk/api", "https://"),
    ("http://data.police.uk/api", "only to this machine"),
    ("file:///etc/passwd", "https://"),
    ("javascript:alert(1)", "https://"),
    ("data:application/json,x", "https://"),
    ("ftp://data.police.uk/api", "https://"),
    ("gopher://127.0.0.1:6379/_INFO", "https://"),
    ("//data.police.uk/api", "https://"),
    ("https://", "full public name"),
    ("https:///api", "full public name"),
    # userinfo: the host is what follows the @
    ("https://data.police.uk@127.0.0.1/", "user name"),
    ("https://data.police.uk:443@169.254.169.254/", "user name"),
    ("https://user:secret@data.police.uk/", "user name"),
    ("https://data.police.uk\\@127.0.0.1/", "characters"),
    # this machine in forms that some resolvers read
    ("http://127.1/", "only to this machine"),
    ("https://127.1/", "full public name"),
    ("https://2130706433/", "full public name"),
    ("https://0x7f000001/", "full public name"),
    ("https://0x7f.1/", "full public name"),
    ("https://017700000001/", "full public name"),
    ("https://0177.0.0.1/", "full public name"),
    ("https://0.0.0.0/", "inside a network"),
    ("https://[::]/", "inside a network"),
    ("https://[::ffff:127.0.0.1]/", "inside a network"),
    ("http://[::ffff:127.0.0.1]/", "only to this machine"),
    ("https://127。0。0。1/", "characters"),
    ("https://ⓛocalhost/", "characters"),
    ("https://localhost./", "full public name"),
    # inside a network, metadata services
    ("https://169.254.169.254/latest/meta-data/", "inside a network"),
    ("https://[fe80::1]/", "inside a network"),
    ("https://[fd00:ec2::254]/", "inside a network"),
    ("https://[64:ff9b::a9fe:a9fe]/", "inside a network"),
    ("https://[2002:7f00:1::]/", "inside a network"),
    ("https://10.0.0.1/", "inside a network"),
    ("https://172.16.0.1/", "inside a network"),
    ("https://192.168.1.1/", "inside a network"),
    ("https://100.64.0.1/", "inside a network"),
    ("https://224.0.0.1/", "inside a network"),
    ("https://metadata.google.internal/", "full public name"),
    ("https://intranet/", "full public name"),
    ("https://printer.local/", "full public name"),
    # what would reach into the question or the next line
    ("https://data.police.uk/api?x=", "must end with its path"),
    ("https://data.police.uk/api#", "must end with its path"),
    ("https://data.police.uk/../admin", "must end with its path"),
    ("https://data.police.uk/a\r\nHost: x", "characters"),
    ("https://data.police.uk/ api", "characters"),
    ("https://data.police.uk:0/", "port"),
    ("https://data.police.uk:/", "port"),
    ("https://data.police.uk:99999/", "not a web address"),
    ("https://[::1/", "not a web address"),
    ("https://" + "a" * 600 + ".uk/", "too many"),
    ("https://data%2epolice.uk/", "full public name"),
    ("https://-police.uk/", "full public name"),
]


@pytest.mark.parametrize("address", GOOD)
def test_a_public_https_address_and_this_machine_may_be_named(address):
    assert fault_of(address) == ""


@pytest.mark.parametrize(("address", "reason"), BAD)
def test_an_address_that_could_reach_elsewhere_is_refused_with_its_reason(address, reason):
    assert reason in fault_of(address)


@pytest.mark.parametrize(("address", "reason"), [pair for pair in BAD if pair[0]])
@pytest.mark.parametrize("name", ["HOTSPOTS_ONS_URL", "HOTSPOTS_POLICE_UK_URL"])
def test_the_start_is_stopped_without_repeating_the_address(name, address, reason):
    with pytest.raises(SettingsError) as caught:
        read_settings({name: address})
    assert name in str(caught.value) and reason in str(caught.value)
    assert "secret" not in str(caught.value) and address not in str(caught.value)


def test_the_addresses_that_ship_are_good():
    shipped = [setting.default for setting in SETTINGS if setting.name.endswith(("ONS_URL", "POLICE_UK_URL"))]
    assert len(shipped) == 2 and not any(fault_of(address) for address in shipped)
    settings = read_settings({})
    assert shipped == [settings.ons_url, settings.police_uk_url]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::6810:84e5", True), ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True), ("127.0.0.1", False), ("::1", False), ("0.0.0.0", False),
        ("10.1.2.3", False), ("169.254.169.254", False), ("fe80::1%eth0", False), ("fc00::1", False),
        ("::ffff:10.0.0.1", False), ("64:ff9b::7f00:1", False), ("2002:a00:1::", False),
        ("255.255.255.255", False), ("not an address", False),
    ],
)  # fmt: skip
def test_what_is_public_is_told_by_the_address_and_what_it_wraps(address, public):
    assert is_public(address) is public


def test_only_this_machine_is_this_machine():
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.8.9.1", "::1", "localhost"))
    assert not any(
        is_loopback(host) for host in ("localhost.example.uk", "127.0.0.1.example.uk", "10.0.0.1", "")
    )
