"""Quirk profiles: which one a station has, and what a file of an operator's may hold."""

import pytest

from csms.domain.quirks.errors import BadProfile
from csms.domain.quirks.profiles import Profiles, read

OURS = '[[profile]]\nname = "ours"\nvendor = "AEFA*"\nmodel = "Home*"\nrepairs = ["null_fields"]\n'
AEFA = ("AEFA", "Home OCPP", "SW:A1B_2.8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[profile]\n", "It is no TOML: .*line 1"),
        ("", r"It must hold \[\[profile\]\] tables and nothing else"),
        ('[profile]\nname = "x"\n', r"It must hold \[\[profile\]\] tables"),
        (f'{OURS}[other]\na = 1\n', "and nothing else"),
        ('[[profile]]\nvendor = "A"\nrepairs = []\n', "Profile 1 has no name"),
        (OURS.replace("vendor", "vendr"), "Profile ours: vendr is no field; there are name, vendor, model"),
        (OURS.replace('"AEFA*"', "7"), "Profile ours: vendor must be text with shell wildcards"),
        ('[[profile]]\nname = "all"\nrepairs = []\n', "Profile all: say which stations it is for"),
        (OURS.replace('["null_fields"]', '"null_fields"'), "Profile ours: repairs must be a list of names"),
        (OURS.replace("null_fields", "magic"), "Profile ours: no repair is named magic; there are broken_json, "),
        (OURS + OURS, "Two profiles have the same name: ours"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(text: str, words: str) -> None:
    with pytest.raises(BadProfile, match=words):
        read(text)


def test_the_operators_own_come_first_whatever_ours_say() -> None:
    profiles = Profiles()
    assert profiles.of(*AEFA).name == "aefa-home"
    assert profiles.renew({"b.toml": OURS}, {})
    found = profiles.of(*AEFA)
    assert (found.name, found.file, found.repairs) == ("ours", "b.toml", ("null_fields",))
    off = '[[profile]]\nname = "nothing for them"\nvendor = "aefa"\nrepairs = []\n'
    assert profiles.renew({"b.toml": OURS, "a.toml": off}, {})
    assert profiles.of(*AEFA).repairs == ()
    assert not profiles.renew({"b.toml": OURS, "a.toml": off}, {})
    assert profiles.renew({}, {})
    assert profiles.of(*AEFA).name == "aefa-home"


def test_a_spoilt_file_says_why_and_counts_as_it_was() -> None:
    profiles = Profiles()
    profiles.renew({"a.toml": OURS}, {})
    assert not profiles.renew({"a.toml": "half a fi"}, {})
    assert profiles.of(*AEFA).name == "ours"
    assert "It is no TOML" in profiles.troubles["a.toml"]
    assert not profiles.renew({}, {"a.toml": "It cannot be read: Permission denied."})
    assert profiles.of(*AEFA).name == "ours"
    assert not profiles.renew({"a.toml": OURS}, {})
    assert profiles.troubles == {}
