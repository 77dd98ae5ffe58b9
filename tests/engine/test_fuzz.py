"""No file, however odd, breaks a reader, keeps it long or fills the memory: a few cases here, 10,000 each in `slow`."""

import contextlib
import hashlib
import io
import json
import pickle
import random
import zipfile
from itertools import islice
from xml.etree import ElementTree

import mido
import numpy as np
import pytest
import soundfile as sf
import torch
from safetensors.torch import save as bytes_of_tensors

from engine.audio.features import MelFrontEnd
from engine.audio.labels import read_intervals
from engine.checks import InputError
from engine.composing.tunebook import read_book
from engine.folk import bars
from engine.folk.abc_text import parse, parse_book
from engine.folk.abc_writing import text_of
from engine.folk.engrave import Engraver
from engine.folk.importing import Importer
from engine.folk.mei import mei_of
from engine.folk.midi import midi_bytes
from engine.folk.musicxml import musicxml_bytes
from engine.folk.novelty import KnownTune, read_index, write_index
from engine.folk.performance import perform
from engine.folk.tokens import tokens_of
from engine.listening.opening import open_song
from engine.models import catalogue, folk_lstm, mel_gan
from engine.models.folk_lstm import from_arrays, to_tensors
from engine.models.folk_pickle import read_checkpoint
from engine.models.foreign_card import read_card
from engine.training.datasets import voice_songs
from engine.training.folk_collections import music21_corpus
from engine.training.style_data import style_excerpts
from tests.engine.fuzzing import Reader, check, hammer, mutated
from tests.engine.hostile import FOLK_TOKENS, JIG, folk_arrays

ABC_PIECES = [piece.encode() for piece in (
    *"ABcdefgzxZXy|:[](){}<>\"!%&\\^_='/,-+~.* \n\t0123456789uvTHLMPSO", "K:", "M:", "L:", "Q:", "P:", "V:", "w:",
    "T:", "I:", "X:1\n", "K:G\n", "K:none\n", "K:HP\n", "K:C ^^f __b\n", "K:F#loc\n", "K:Cbmix =c\n", "V:2\n", "[K:",
    "[K:Gm]", "[M:6/8]", "[M:C|]", "[M:none]", "[M:64/1]", "[M:1+2+3/64]", "M:0/0\n", "M:2/0\n", "[L:1/64]", "[L:1]",
    "[Q:1/4=120]", "[Q:999]", "[Q:0/1=0]", "[P:A]", "P:AABB\n", "(3", "(2", "(9", "(3:2:9", "(9:1:1", "(5::", "(0",
    "(1", ":|", "|:", "::", "|]", "[|", "|1", "[2", "[1,3", "[9-1", "[1-9", ":|2", "||", "|||:", "{gab}", "{/a}",
    "{", '"Am7"', '"^text"', '"G#dim/Bb"', '"', "!trill!", "!D.C.!", "!fine!", "!segno!", "!D.S.alcoda!", "!coda!",
    "[CEG]", "[CEG]2-", "[^c_c=c]", "[C2E4]/", "[]", "[[", "A-", "A-|A", "^^A,,,,,", "__c'''''", "A999", "A/999",
    "A////", "A1/0", "A0", "A/256/256/256/256", "Z999", "x/", "A>>>B", "A<<<", "><", "é", "\x00", "\x0b", "\x1c",
    "\u2028", "\ud7ff", "٣", "³", "𝄞", "\r\n", "\r", "%%MIDI", "%%abc-include /etc/passwd\n", "%", "\\\n", "&", "`",
    "$", "@")]
XML_PIECES = [b"<note>", b"</note>", b"<measure>", b"</measure>", b"<chord/>", b"<grace/>", b"<duration>", b"<backup>",
              b"<forward>", b"<!DOCTYPE a [", b"<!ENTITY x SYSTEM 'file:///etc/passwd'>", b"&x;", b"<![CDATA[", b"]]>",
              b"<!--", b"-->", b"<?xml?>", b"<repeat direction='forward'/>", b"<time><beats>0</beats></time>",
              b"<divisions>0</divisions>", b"<divisions>-7</divisions>", b"<voice>", b"<tuplet type='start'/>",
              b"<actual-notes>0</actual-notes>", b"<ending number='1' type='start'/>", b"999999999", b"0.333333"]
CARD = {"file": "net.pt", "input": "log-mel", "sample_rate": 16000, "window": 40, "labels": ["no", "yes"],
        "outputs": "logits", "n_fft": 400, "hop_length": 160, "n_mels": 20, "mean": [0.0], "arguments": {"sr": 16000},
        "state": {"input": "h", "output": "hn", "shape": [1, "batch", 128]}, "layout": ["batch", 1, "bands", "time"]}
YAML_CARD = "\n".join(f"{key}: {json.dumps(value)}" for key, value in CARD.items()).encode()


def played_and_written(path, exports=(0,)):
    """Everything that is done with a text, with each of its first tunes."""
    book = read_book(path)
    text = "".join([book.head, *book.tunes])
    for tune in islice(parse_book(text), 2):
        for thing in (*tune.events, *tune.problems, *tune.fields):
            assert 0 <= thing.start <= thing.stop <= len(text)
        assert all(note.duration > 0 for note in tune.notes)
        performance = perform(tune, chords=True, metronome=True)
        assert all(note.seconds >= 0 and 0 <= note.midi <= 127 for note in performance.notes)
        assert midi_bytes(performance)
        ElementTree.fromstring(mei_of(tune, text))
        if len(text) % 50 in exports:   # music21 takes its time
            with contextlib.suppress(InputError):
                ElementTree.fromstring(musicxml_bytes(tune))
        for style in ("v2", "v3"):
            try:
                tokens = tokens_of(tune, style=style)
            except InputError:
                continue
            bars.check(tokens)
            assert parse(text_of(tokens)).notes or not tune.notes


def abc(folder):
    found = sorted((music21_corpus() / "ryansMammoth").glob("*.abc"))[::53]
    return Reader(played_and_written, [JIG.encode(), *(path.read_bytes() for path in found)], ".abc", ABC_PIECES)


def sounds(folder):
    y = 0.3 * np.random.default_rng(0).standard_normal((4000, 2)).astype(np.float32)
    seeds = []
    for ending, subtype in (("WAV", "PCM_16"), ("WAV", "FLOAT"), ("FLAC", None), ("OGG", None), ("MP3", None),
                            ("AIFF", None), ("WAV", "MS_ADPCM")):
        out = io.BytesIO()
        sf.write(out, np.clip(y, -1, 1), 22050, format=ending, subtype=subtype)
        seeds.append(out.getvalue())
    front_end = MelFrontEnd()
    return Reader(lambda path: open_song(path, front_end), seeds, ".wav",
                  [b"RIFF", b"WAVE", b"fmt ", b"data", b"fLaC", b"OggS", b"ID3", b"FORM", b"\x01\0\0\0", b"LIST"])


def midi(folder):
    seeds = []
    for kind in (0, 1):
        file, out = mido.MidiFile(type=kind), io.BytesIO()
        track = mido.MidiTrack([mido.MetaMessage("time_signature", numerator=6, denominator=8),
                                mido.MetaMessage("set_tempo", tempo=400_000),
                                mido.MetaMessage("key_signature", key="G")])
        for pitch in (60, 62, 64, 67):
            track += [mido.Message("note_on", note=pitch, velocity=80), mido.Message("note_off", note=pitch, time=240)]
        file.tracks.append(track)
        file.save(file=out)
        seeds.append(out.getvalue())
    return Reader(importer.read, seeds, ".mid", [b"MThd", b"MTrk", b"\xff\x2f\0", b"\x90\x40\x40", b"\xf0\x7f", b"\xf7",
                                                 b"\xff\xff\xff\x7f", b"\x8f\xff\xff\x7f", b"\xff\x51\x03\0\0\0"], 40)


def musicxml(folder):
    text = musicxml_bytes(parse(JIG))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", "<container><rootfiles><rootfile full-path='s.xml'/></rootfiles>")
        archive.writestr("s.xml", text)
    short = musicxml_bytes(parse("X:1\nM:2/4\nL:1/8\nK:G\nGABc|]\n"))
    return Reader(importer.read, [short, text, packed.getvalue()], ".musicxml", XML_PIECES, 40)


def yaml_cards(folder):
    return Reader(read_card, [YAML_CARD], ".yaml", [
        b"&a ", b"*a", b"!!python/object/apply:os.system [x]", b"<<: ", b"[", b"{", b"- ", b": ", b"|", b">", b"---\n",
        b"? ", b"!!set", b"1:1", b"0xfffffffff"])


def json_cards(folder):
    return Reader(read_card, [json.dumps(CARD).encode()], ".json", [b"[", b"{", b":", b"NaN", b"Infinity", b"null",
                                                                    b"\\ud800", b"1e400", b"true"])


def weights(kind):
    """Of a card whose hash is right whatever the weights are."""
    def make(folder):
        if kind == "gan":
            net = mel_gan.MelGenerator(2)
            tensors = {**mel_gan.to_tensors(net), "mean": torch.zeros(80), "std": torch.ones(80)}
            card, read = {"config": {"width": 2}}, mel_gan.read
        elif kind == "folk":
            model = from_arrays("x", {token: i for i, token in enumerate(FOLK_TOKENS)}, folk_arrays(), {})
            tensors, card, read = to_tensors(model), {"vocabulary": list(FOLK_TOKENS)}, folk_lstm.read
        else:
            shapes = ((3, 513), (3, 3), (3, 3), (3, 3))
            tensors = {f"dense.{i}.weight": torch.zeros(shape) for i, shape in enumerate(shapes)}
            tensors |= {f"dense.{i}.bias": torch.zeros(3) for i in range(4)}
            tensors |= {"mean": torch.zeros(513), "std": torch.ones(513), "data_minimum": torch.tensor(0.0)}
            card, read = {"kind": "frame_mlp", "labels": ["a", "b", "c"], "threshold": 0.5}, catalogue.read

        def read_both(path):
            text = json.dumps({**card, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
            path.with_suffix(".json").write_text(text)
            return read(path.with_suffix(".json"))
        data = bytes_of_tensors({name: value.contiguous() for name, value in tensors.items()})
        return Reader(read_both, [data], ".safetensors", [
            b'"F32"', b'"F16"', b'"BOOL"', b'"I64"', b"[0,", b"18446744073709551615", b'"shape":', b'"data_offsets":',
            b'"__metadata__":', b"{", b"}", b"\0\0\xc0\x7f", b"\0\xfc"])
    return make


def model_cards(folder):
    data = bytes_of_tensors({"mean": torch.zeros(513)})
    (folder / "case.safetensors").write_bytes(data)
    card = {"kind": "frame_mlp", "labels": ["a", "b"], "threshold": 0.5, "sha256": hashlib.sha256(data).hexdigest()}
    return Reader(catalogue.read, [json.dumps(card).encode()], ".json", [b"[", b"{", b"NaN", b"\\u0000", b"svd_cnn"])


def tables(folder):
    for place in ("audio/a", "audio/b", "labels"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    for name in ("audio/a/1.ogg", "audio/a/2.wav", "audio/b/3.ogg"):
        (folder / name).write_bytes(b"sound")
    seeds = [b"id,class,track,split,split_artist,artist\n1,a,x,train,test,me\n2,a,y,test,train,\n3,b,z,valid,,you\n",
             b'id,class,track\r\n"1",a,"x, y"\r\n3,b,"z\n"\r\n']

    def read(path):
        path.replace(folder / "tracks.csv")
        return style_excerpts(folder)
    return Reader(read, seeds, ".csv", [b",", b'"', b"id,", b"class", b"../", b"/etc/", b"\0", b"\n", b"audio", b"a"])


def songs(folder):
    for place in ("audio", "labels"):
        (folder / place).mkdir(exist_ok=True)
    (folder / "audio" / "s.ogg").write_bytes(b"sound")
    (folder / "labels" / "s.csv").write_text("0,1\n")

    def read(path):
        path.replace(folder / "songs.csv")
        return voice_songs(folder)
    return Reader(read, [b"id,artist,split,license\ns,me,test,CC BY\n"], ".csv", [b",", b'"', b"id", b"../", b"split"])


def labels(folder):
    seeds = [b"start,end,name\n0,1.5,a\n2,3,\"b, c\"\n", b"0.0\t1.0\tvoice\n\\\t100\t200\n1.0\t2.0\tx\n"]
    return Reader(read_intervals, seeds, ".csv", [b",", b"\t", b'"', b"1e308", b"-0", b"inf", b"1_0", b"#", b"\\"])


def pickles(folder):
    value = {"token2idx": {token: i for i, token in enumerate(FOLK_TOKENS)}, "param_values": folk_arrays()}
    return Reader(read_checkpoint, [pickle.dumps(value, protocol) for protocol in (0, 2, 4)], ".pkl", [
        b"cos\nsystem\n", b"(", b"t", b"R", b"b", b"2", b"\x85", b"\x86", b"\x87", b"q\0", b"h\0", b"r\xff\xff\xff\x7f",
        b"\x8e\xff\xff\xff\xff\xff\0\0\0", b"\x8b\xff\xff\xff\x7f", b"\x96\0\0\0\0\xff\0\0\0", b"}", b"s", b"u",
        b"\x8f", b"\x90", b"\x91", b"L999999L\n", b"\x81", b"\x93", b"\x94", b"."])


def indices(folder):
    path = folder / "seed.npz"
    write_index(path, [KnownTune("A", "x", ("G", "2", "|")), KnownTune("B", "x", ("A", "|"))])
    return Reader(read_index, [path.read_bytes()], ".npz", [
        b"PK\x01\x02", b"PK\x05\x06", b"\x93NUMPY", b"(2147483647,)", b"'descr': '|O'", b"tokens.npy"])


READERS = {"ABC": abc, "audio": sounds, "MIDI": midi, "MusicXML": musicxml, "YAML cards": yaml_cards,
           "JSON cards": json_cards, "weights": weights("frames"), "weights of the folk network": weights("folk"),
           "weights of the prior": weights("gan"), "model cards": model_cards, "tracks.csv": tables,
           "songs.csv": songs, "labels": labels, "pickles": pickles, "indices of tunes": indices}
COSTLY = {"MusicXML": 12, "MIDI": 25, "weights of the prior": 40, "audio": 60}     # cases in the quick run
importer = Importer()


@pytest.fixture(autouse=True, scope="module")
def _no_child_is_left():
    yield
    importer.close()


@pytest.mark.parametrize("name", READERS)
def test_what_is_fine_is_read(name, tmp_path):
    reader = READERS[name](tmp_path)
    for seed in reader.seeds:
        check(reader, tmp_path / f"case{reader.ending}", seed)
    assert reader.refused == 0 or name == "model cards"     # those lack the weights of a network


@pytest.mark.parametrize("name", READERS)
def test_odd_files(name, tmp_path):
    hammer(READERS[name](tmp_path), tmp_path, count=COSTLY.get(name, 100))


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", READERS)
def test_ten_thousand_odd_files(name, tmp_path):
    hammer(READERS[name](tmp_path), tmp_path, count=10_000, thorough=True)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_engraving_odd_tunes_ends_in_a_score_or_a_sentence(tmp_path):
    engraver, dice, reader = Engraver(), random.Random(7), abc(tmp_path)
    texts = [mutated(seed, dice, reader.pieces).decode("latin-1") for seed in reader.seeds for _ in range(3)]
    try:
        for text in texts:
            with contextlib.suppress(InputError):
                assert engraver.engrave(parse(text), text).count >= 1
        assert engraver.engrave(parse(JIG), JIG).boxes
    finally:
        engraver.close()
