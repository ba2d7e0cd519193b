import pytest

from blazepose.datasets import Split

PEOPLE = [f"person {number}" for number in range(1, 11)]


def test_both_ends_are_included_and_counted_from_one():
    assert Split.parse("2..4").cut(PEOPLE) == ["person 2", "person 3", "person 4"]
    assert Split.parse("10..10").cut(PEOPLE) == ["person 10"]


def test_splits_that_meet_share_nobody():
    assert Split(1, 6).cut(PEOPLE) + Split(7, 10).cut(PEOPLE) == PEOPLE


@pytest.mark.parametrize("text", ["1..1000", " 1 .. 1000 "])
def test_a_split_is_written_as_it_is_read(text):
    assert str(Split.parse(text)) == "1..1000"


@pytest.mark.parametrize("text", ["", "1-1000", "1..", "..5", "-1..5", "1...5", "one..two"])
def test_another_text_is_an_error(text):
    with pytest.raises(ValueError, match=r"expected a split like 1\.\.1000"):
        Split.parse(text)


@pytest.mark.parametrize("text", ["0..5", "5..4"])
def test_an_empty_split_is_an_error(text):
    with pytest.raises(ValueError, match="1 <= FIRST <= LAST"):
        Split.parse(text)


def test_a_split_beyond_the_data_is_an_error():
    with pytest.raises(ValueError, match=r"within 1\.\.10, got 5\.\.11"):
        Split(5, 11).cut(PEOPLE)
