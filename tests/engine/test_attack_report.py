"""The files of an adversary: complete, true to the answer, safe to open, readable without seeing."""

import base64
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError
from engine.job import Cancelled
from engine.listening.attack import AttackQuestion, attack
from engine.listening.attack_folder import Attacked, AttackTable, Failed
from engine.listening.survival import Transferred, survival
from engine.models import catalogue
from engine.report.attack import write_attack
from engine.report.attack_facts import AttackFacts, outcome
from engine.report.attack_figure import attack_figure
from engine.report.attack_page import attack_page, residual_gain
from engine.report.attack_table import show_table, write_table
from engine.report.sheet import DARK, figure_bytes

HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(2)'> $\\frac{ \x07.wav"
SR = 32000


@pytest.fixture(scope="module")
def tones(tone_model):
    return catalogue.read(tone_model)


@pytest.fixture(scope="module")
def answer(tmp_path_factory, tones):
    """Of a part of a stereo file that goes beyond full scale."""
    t = np.arange(5 * SR) / SR
    y = 1.2 * np.sin(2 * np.pi * 50 * 22050 / 1024 * t) + np.sin(2 * np.pi * 100 * 22050 / 1024 * t)
    path = tmp_path_factory.mktemp("song") / "tones.wav"
    sf.write(path, np.stack([y, 0.5 * y], axis=1), SR, subtype="FLOAT")
    found = attack(AudioFile(path), tones, AttackQuestion(target="middle", start=1.0, seconds=3.0, snr_db=10))
    assert found.fooled
    return found


@pytest.fixture(scope="module")
def survived(answer, tones):
    return survival(answer, tones)


TRANSFER = [Transferred("other", "low", "low", False), Transferred("third", "low", "high", True)]
ABX = {"trials": 16, "right": 9, "p_value": 0.4018}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, answer, tones, survived):
    folder = tmp_path_factory.mktemp("out") / "deep" / "er"
    paths = write_attack(folder, answer, front_end=tones.front_end, card={"sha256": "c0ffee"}, survival=survived,
                         transfer=TRANSFER, abx=ABX)
    assert sorted(paths) == sorted(folder.iterdir())
    return folder


@pytest.fixture(scope="module")
def page(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


def test_all_files_are_there_and_nothing_else(folder):
    assert {path.name for path in folder.iterdir()} == {"adversarial.wav", "original.wav", "residual.wav",
                                                        "adversary.png", "attack.json", "report.html"}


def test_sounds_are_float_of_the_input_s_rate_and_length(folder, answer):
    for name, sound in (("adversarial", answer.adversarial), ("original", answer.original),
                        ("residual", answer.residual)):
        y, sr = sf.read(folder / f"{name}.wav", dtype="float32", always_2d=True)
        assert sf.info(folder / f"{name}.wav").subtype == "FLOAT"
        assert (sr, y.shape) == (SR, (5 * SR, 2))
        np.testing.assert_array_equal(y.T, sound.y)
    assert np.abs(sf.read(folder / "original.wav")[0]).max() > 1.5


def test_json_is_the_answer_with_all_that_was_tried(folder, answer, survived):
    def refuse(name):
        raise AssertionError(name)

    found = json.loads((folder / "attack.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert found["before"] == {"label": "low", "confidence": answer.before.confidence}
    assert found["after"] == {"label": "middle", "confidence": answer.after.confidence}
    assert found["survives"] == {one.name: one.fooled for one in survived}
    assert [one["original_label"] for one in found["survival"]] == [one.original_label for one in survived]
    assert (found["abx"], found["sha256"], found["transfer"][1]["fooled"]) == (ABX, "c0ffee", True)
    assert len(found["steps"]) == found["iterations"] == len(answer.steps)
    assert found["steps"][-1] == {"label": "middle", "confidence": answer.steps[-1].confidence,
                                  "snr_db": answer.steps[-1].snr_db}


def test_page_needs_nothing_else_and_can_be_used_without_seeing_it(page):
    assert not re.search(r"(?:src|href|srcset)=\"(?!data:|#)", page)
    assert re.search(r'Content-Security-Policy" content="default-src \'none\'', page)
    assert len(re.findall("<script>", page)) == len(re.findall("<style>", page)) == 1
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    players = re.findall(r"<audio [^>]*>", page)
    assert [re.search(r'id="([^"]+)"', player)[1] for player in players] == ["original", "adversarial", "residual"]
    for player in players:
        assert " controls " in player
        assert re.search(r'aria-labelledby="([^"]+)"', player)[1] in ids
    assert "tones takes “low” for “middle”" in re.search(r' alt="([^"]+)"', page)[1]


def test_page_plays_the_attacked_part_and_says_the_residual_s_gain(page, answer):
    sounds = [sf.read(io.BytesIO(base64.b64decode(content)), always_2d=True)[0]
              for content in re.findall(r"data:audio/wav;base64,([A-Za-z0-9+/=]+)", page)]
    assert [len(y) for y in sounds] == [3 * SR] * 3
    original, residual = answer.original.cut(1, 4), answer.residual.cut(1, 4)
    gain = residual_gain(original, residual)
    assert f"What was added, {20 * np.log10(gain):+.1f} dB" in page
    quieter = np.abs(sounds[0]).max() / np.abs(original.y).max()
    assert quieter < 0.6
    assert f"{-20 * np.log10(quieter):.1f} dB quieter here" in page
    np.testing.assert_allclose(sounds[2].T, residual.y * gain * quieter, atol=1e-3)


def test_a_residual_is_made_as_loud_as_the_original_unless_it_would_clip():
    t = np.arange(22050) / 22050
    tone = np.sin(2 * np.pi * 440 * t).astype(np.float32)
    assert residual_gain(Waveform(0.5 * tone, 22050), Waveform(0.01 * tone, 22050)) == pytest.approx(50, rel=1e-3)
    click = np.zeros(22050, np.float32)
    click[100] = 0.3
    assert residual_gain(Waveform(0.5 * tone, 22050), Waveform(click, 22050)) == pytest.approx(0.99 / 0.3, rel=1e-3)
    assert residual_gain(Waveform(tone, 22050), Waveform(0 * tone, 22050)) == 1


def test_page_says_what_was_found_and_how(page, survived, answer):
    for said in ("c0ffee", "Kereliuk", "Johnston 1988", f"{answer.snr_db:.2f} dB", "20 log10 of the norm", "p value",
                 "0.4018", *(one.words for one in survived)):
        assert said in page
    assert page.count('class="left">no</td>') == sum(not one.fooled for one in survived) + 1
    assert "low (changed)" not in page
    assert re.search(r"third</th><td[^>]*>low</td><td[^>]*>high</td><td[^>]*>yes", page)


def test_a_treatment_that_changes_the_original_is_marked(answer, tones, survived):
    changed = [replace(one, original_label="high") for one in survived[:1]]
    assert "high (changed)" in attack_page(AttackFacts(answer, tones.front_end, {}, changed), b"", b"")


def test_what_was_not_asked_is_not_shown(answer, tones):
    html = attack_page(AttackFacts(answer, tones.front_end, {}), b"", b"")
    for heading in ("What it survives", "Other models", "Listening test"):
        assert heading not in html


def test_hostile_names_are_text_everywhere(answer, tones, survived):
    labels = (HOSTILE, *answer.labels[1:])
    hostile = replace(answer, file=HOSTILE, model=HOSTILE, labels=labels,
                      before=replace(answer.before, label=HOSTILE))
    facts = AttackFacts(hostile, tones.front_end, {"sha256": HOSTILE}, [replace(survived[0], original_label=HOSTILE)],
                        [Transferred(HOSTILE, HOSTILE, HOSTILE, True)], {HOSTILE: HOSTILE})
    html = attack_page(facts, b"", b"")
    assert html.count("<script>") == 1
    assert html.count("<img") == 1
    assert "&lt;script&gt;alert(1)" in html
    svg = ET.fromstring(figure_bytes(attack_figure(facts), "svg"))
    assert not [e for e in svg.iter() if e.tag.endswith("script")]


def test_picture_has_one_scale_and_one_time_axis(answer, tones):
    figure = attack_figure(AttackFacts(answer, tones.front_end, {}))
    pictures = [axes for axes in figure.axes if axes.images and axes.get_xlim() == (1.0, 4.0)]
    assert len(pictures) == 5
    assert len({axes.images[0].get_clim() for axes in pictures[:3]}) == 1
    residual, original = (pictures[i].images[0].get_array() for i in (2, 0))
    assert float(residual.max()) < float(original.max()) - 6
    for axes, hearing in zip(pictures[3:], (answer.before, answer.after), strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), hearing.votes.T)
        bold = [label.get_text() for label in axes.get_yticklabels() if label.get_weight() == "bold"]
        assert bold == [hearing.label]
    curve = figure.axes[-2].lines[0]
    np.testing.assert_array_equal(curve.get_ydata(), [step.confidence for step in answer.steps])


def test_of_many_labels_those_with_votes_are_drawn(answer, tones):
    n = 40
    votes = np.zeros((20, n), np.float32)
    votes[:, 33] = 1
    hearing = replace(answer.before, label="33", probabilities=votes[0].astype(float), votes=votes)
    many = replace(answer, labels=tuple(map(str, range(n))), before=hearing, after=hearing)
    figure = attack_figure(AttackFacts(many, tones.front_end, {}), DARK)
    drawn = [[label.get_text() for label in axes.get_yticklabels()] for axes in figure.axes]
    assert any(len(names) == 12 and "33" in names for names in drawn)


def test_what_did_not_fool_is_said_with_what_was_reached(answer, tones):
    failed = replace(answer, fooled=False, after=answer.before)
    reached = f"{answer.before.probabilities[1]:.2f}"
    assert re.fullmatch(rf"not fooled: tones says “low” \(.*\), “middle” reached {reached} at .* dB SNR after "
                        rf"{len(answer.steps)} iterations; .*", outcome(failed))
    lost = replace(failed, steps=(replace(answer.steps[-1], confidence=0.95),))
    assert "no sound has them" in outcome(lost)
    short = replace(failed, steps=(replace(answer.steps[-1], confidence=float(answer.before.probabilities[1])),))
    assert outcome(short).endswith("ask for a lower SNR or more iterations")
    facts = AttackFacts(failed, tones.front_end, {})
    assert "could not be made" in facts.title
    assert "could not be made" in attack_page(facts, b"", b"")


def test_unusable_places_are_refused(tmp_path, answer, tones):
    rest = {"front_end": tones.front_end, "card": {}}
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match="folder that can be written"):
        write_attack(tmp_path / "taken", answer, **rest)


def test_writing_can_be_cancelled(tmp_path, answer, tones):
    def cancel(progress):
        raise Cancelled

    with pytest.raises(Cancelled):
        write_attack(tmp_path, answer, front_end=tones.front_end, card={}, report=cancel)
    assert not list(tmp_path.iterdir())


def test_a_folder_s_table_is_written_and_shown(tmp_path):
    rows = (Attacked("a, b.wav", "low", "low", "high", 0.8, True, 21.5, 4, 0.25),
            Attacked("c.wav", None, "low", "low", None, None, None, 0, None))
    table = AttackTable("m", ("low", "high"), AttackQuestion(), rows, (Failed("d.wav", "d.wav: too short"),), 2.0)
    write_table(tmp_path / "new", table)
    lines = (tmp_path / "new" / "attacks.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["file,label,before,after,confidence,fooled,snr_db,iterations,audible_share",
                     '"a, b.wav",low,low,high,0.8,True,21.5,4,0.25', "c.wav,,low,low,,,,0,"]
    found = json.loads((tmp_path / "new" / "attacks.json").read_text(encoding="utf-8"))
    assert found == json.loads(json.dumps(table.as_json()))
    said = show_table(found)
    for part in ("mean recall 1.000 before, 0.000 after", "21.5 ± 0.0 dB", "audible in 25.0 %",
                 "not attacked: d.wav: too short", "1 files have no label", "1.00 a second"):
        assert part in said
