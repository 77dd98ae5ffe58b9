"""Label files as people have them, and everything else that may be given instead."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.audio.labels import Interval, audacity_text, read_intervals
from engine.checks import InputError

VERSE, CHORUS = Interval(0.5, 1.25, "verse"), Interval(2.0, 3.0, "chorus")


@pytest.mark.parametrize("text", [
    "0.5,1.25,verse\n2,3,chorus\n",
    "start,end,name\n0.5,1.25,verse\n2,3,chorus",
    "# made by hand\nStart, End, Name\n0.5, 1.25, verse\n2, 3, chorus",
    '"start","end","name"\r\n"0.5","1.25","verse"\r\n"2.0","3.0","chorus"\r\n',
    "\ufeffonset,offset,label\n2,3,chorus\n0.5,1.25,verse\n",
    "0.500000\t1.250000\tverse\n\\\t200.0\t900.0\n2.000000\t3.000000\tchorus\n",
    "\n  \n0.5\t1.25\tverse\n\n2\t3\tchorus\n",
])
def test_the_same_labels_in_many_clothes(tmp_path, text):
    (tmp_path / "x.csv").write_text(text, encoding="utf-8", newline="")
    assert read_intervals(tmp_path / "x.csv") == (VERSE, CHORUS)


@pytest.mark.parametrize(("line", "name"), [
    ("0,1", ""), ("0\t1", ""), ("0\t1\ta, b", "a, b"), ('0,1,"a, b"', "a, b"), ("0,1,a\tb", "a\tb"),
    ("0\t1\ta\tb", "a\tb"), ("0,1,Ünï 歌", "Ünï 歌"), ("1e-1,1", "")])
def test_names_keep_what_they_hold(tmp_path, line, name):
    (tmp_path / "x.csv").write_text(line, encoding="utf-8")
    (interval,) = read_intervals(tmp_path / "x.csv")
    assert interval.name == name


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "start,end\n"])
def test_no_labels_are_no_mistake(tmp_path, text):
    (tmp_path / "x.csv").write_text(text)
    assert read_intervals(tmp_path / "x.csv") == ()


@pytest.mark.parametrize(("text", "line"), [
    ("0,1\n2,x\n", 2), ("3,2", 1), ("-1,2", 1), ("nan,2", 1), ("0,inf", 1), ("0.5", 1), ("0;1", 1),
    ("0,1\nstart,end\n", 2), ("0,5\t1,5", 1), ("\n\n<html>\n", 3)])
def test_a_mistake_is_named_with_its_line(tmp_path, text, line):
    (tmp_path / "song.csv").write_text(text)
    with pytest.raises(InputError, match=rf"^song\.csv, line {line}: expected start and end in seconds"):
        read_intervals(tmp_path / "song.csv")


def test_what_is_no_label_file_is_refused(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe0\x00,\x001\x00")
    with pytest.raises(InputError, match="binary"):
        read_intervals(tmp_path / "x.csv")
    with pytest.raises(InputError, match="no such label file"):
        read_intervals(tmp_path / "y.csv")
    with pytest.raises(InputError, match="could not be opened"):
        read_intervals(tmp_path)
    with pytest.raises(InputError, match="could not be opened"):
        read_intervals("a\0b.csv")
    with (tmp_path / "big.csv").open("wb") as file:
        file.truncate(30_000_000)
    with pytest.raises(InputError, match="more than 20 MB"):
        read_intervals(tmp_path / "big.csv")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("labels") / "x.csv"


def read_or_refused(path):
    found, refusal = (), ""
    try:
        found = read_intervals(path)
    except InputError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert len(refusal) < 300
    assert all(0 <= i.start <= i.end < float("inf") for i in found)
    assert list(found) == sorted(found, key=lambda i: (i.start, i.end))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(path, data):
    path.write_bytes(data)
    read_or_refused(path)


FIELD = st.one_of(st.floats().map(str), st.text(max_size=12), st.sampled_from(["start", '"', "1_0", "0x1", "１"]))


@given(st.one_of(st.text(max_size=300),
                 st.lists(st.lists(FIELD, max_size=4).map(",".join) | st.lists(FIELD, max_size=4).map("\t".join),
                          max_size=6).map("\n".join)))
@example('0,1,"' + "x" * 200_000)
@example("0,1\x1c2,3")
def test_any_text_is_read_or_refused(path, text):
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    read_or_refused(path)


SECONDS = st.floats(0, 1e5).map(lambda x: round(x, 6))
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(str.strip)


@settings(deadline=None)
@given(st.lists(st.tuples(SECONDS, SECONDS, NAMES), max_size=8))
def test_an_audacity_track_is_read_back(path, triples):
    intervals = [Interval(min(a, b), max(a, b), " ".join(name.splitlines()).strip()) for a, b, name in triples]
    path.write_text(audacity_text(intervals), encoding="utf-8", newline="")
    assert sorted(read_intervals(path), key=str) == sorted(intervals, key=str)
