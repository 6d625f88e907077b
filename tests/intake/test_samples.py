import pytest

from mapping.errors import FileRefusedError
from mapping.intake import samples
from mapping.intake.limits import Limits

HEAD = "Ref,Date,Type\n"


def test_the_heading_is_found_below_title_rows_and_said(write):  # BAD 15
    path = write("log.csv", "Warden service\n\nMarch 2026,,\n" + HEAD + "W1,03/02/2026,Noise\n")
    sample = samples.take(path)
    assert sample.columns == ("Ref", "Date", "Type")
    assert sample.first == (("W1", "03/02/2026", "Noise"),)
    assert sample.messages[-1] == "The heading was found below 2 other rows."


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_usual_separator_is_read(write, separator):  # BAD 8
    path = write("log.csv", (HEAD + "W1,03/02/2026,Noise\n").replace(",", separator))
    assert samples.take(path).columns == ("Ref", "Date", "Type")


def test_a_sample_is_spread_over_the_file_follows_no_rhythm_and_is_always_the_same(write):
    rows = "".join(f"W{k},03/02/2026,{('Litter', 'Noise', 'Fire', 'Drugs')[k % 4]}\n" for k in range(20_000))
    path = write("log.csv", HEAD + rows)
    sample = samples.take(path)
    numbers = [int(row[0][1:]) for row in sample.rows]
    assert sample.rows_in == 20_000
    assert len(numbers) == samples.SAMPLED
    assert numbers == sorted(numbers)
    assert numbers[0] < 1_000
    assert numbers[-1] > 19_000
    assert {row[2] for row in sample.rows} == {"Litter", "Noise", "Fire", "Drugs"}
    assert samples.take(path) == sample


def test_words_are_counted_over_the_whole_file_and_two_columns_together(write):
    path = write("log.csv", "Ref,Open,Close\nW1,Noise,Litter\nW2, Noise ,\nW3,Litter\n")
    found = samples.count_words(samples.read_table(path), ["Open", "Close"])
    assert found == {"Noise": 2, "Litter": 2}


def test_more_different_words_than_can_be_categories_are_not_all_kept(write, monkeypatch):
    monkeypatch.setattr(samples, "MOST_WORDS", 3)
    path = write("log.csv", HEAD + "".join(f"W{k},x,word {k % 5}\n" for k in range(20)))
    assert len(samples.count_words(samples.read_table(path), ["Type"])) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("one\n1\n2\n", "one column only"),
        ("Ref,Date,ref\n1,2,3\n", "The column 'Ref' comes 2 times"),
        (",".join(f"c{k}" for k in range(501)) + "\n", "501 columns"),  # BAD 17
        ("title,x,y\n" + ",".join(f"c{k}" for k in range(501)) + "\n", "501 columns"),
    ],
)
def test_a_file_whose_heading_cannot_be_used_is_refused_in_words(write, text, said):
    with pytest.raises(FileRefusedError, match=said):
        samples.take(write("log.csv", text))


def test_a_file_without_a_heading_is_said_to_lack_one(write):
    sample = samples.take(write("log.csv", "W1,03/02/2026,450000\nW2,04/02/2026,450001\n"))
    assert "looks like data" in sample.messages[-1]


def test_limits_hold(write):
    with pytest.raises(FileRefusedError):
        samples.take(write("log.csv", HEAD + "x,y,z\n" * 100), limits=Limits(file_bytes=50))
