"""Models of strangers: pickles, safetensors, archives, cards and ONNX that were made to harm are refused, and soon."""

import hashlib
import io
import json
import pickle
import struct
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save as bytes_of_tensors

from engine.folk.novelty import KnownTune, read_index, write_index
from engine.models import catalogue, folk_lstm, mel_gan
from engine.models.folk_lstm import from_arrays, to_tensors
from engine.models.folk_pickle import read_checkpoint
from engine.models.foreign_card import read_card
from engine.models.foreign_worker import Worker
from engine.models.stored_arrays import read_arrays
from tests.engine.foreign_models import field, onnx_with
from tests.engine.hostile import FOLK_TOKENS, folk_arrays, refusal

CARD = {"file": "net.pt", "input": "waveform", "sample_rate": 16000, "window": 2000, "labels": ["no", "yes"],
        "outputs": "logits"}
SPEC = {"format": "torchscript", "layout": ["batch", "time"], "output": "0", "output_layout": ["batch", "labels"],
        "pool": "mean", "memory_mb": 400}


# pickles

@pytest.mark.parametrize("data", [
    b"\x80\x04})" + b"2\x86" * 60 + b"K\x01s.",                                  # a key of 2^60 tuples
    b"\x80\x04})" + b"".join(b"\x94h" + bytes([i]) + b"h" + bytes([i]) + b"\x86" for i in range(60)) + b"K\x01s.",
    b"\x80\x04\x8f()" + b"2\x86" * 60 + b"\x90.",                                # the same in a set
    b"\x80\x04()" + b"2\x86" * 60 + b"\x91.",                                    # in a frozen one
    b"\x80\x04" + b"(" * 200_000 + b".", b"\x80\x04" + b"]" * 200_000 + b"a" * 199_999 + b".",
    b"\x80\x04\x8e" + struct.pack("<Q", 2**40), b"\x80\x05\x96" + struct.pack("<Q", 2**40),
    b"\x80\x04T" + struct.pack("<i", -1) + b".", b"\x80\x04\x8b" + struct.pack("<i", 2**31 - 1) + b"\0.",
    b"\x80\x04r\xff\xff\xff\xff.", b"\x80\x04h\x05.", b"\x80\x0400.", b"I" + b"9" * 1_000_000 + b"\n.",
    b"L" + b"9" * 1_000_000 + b"L\n.", b"F" + b"9" * 1_000_000 + b"\n.", b"\x80\x04\x82\x01.", b"P1\n.",
    b"\x80\x04\x97.", b"\x80\x04\x98.",
    b"(S'x'\nios\nsystem\n.", b"\x80\x04\x8c\x02os\x8c\x06system\x93.", b"cbuiltins\ngetattr\n.",
    b"cnumpy\nndarray.__init__\n.", b"cnumpy.core.multiarray\nscalar\n(K\x01}tb.",
    b"\x80\x02cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R."])
def test_pickles(tmp_path, data):
    path = tmp_path / "folk.pkl"
    path.write_bytes(data)
    assert refusal(read_checkpoint, path, seconds=5).startswith("folk.pkl: expected")


def test_an_honest_pickle_is_modest(tmp_path):
    path = tmp_path / "folk.pkl"
    path.write_bytes(pickle.dumps({"token2idx": {token: i for i, token in enumerate(FOLK_TOKENS)},
                                   "param_values": folk_arrays(), "history": [{"loss": 1.0}] * 5000}))
    assert read_checkpoint(path).vocabulary == FOLK_TOKENS


# safetensors

def tensors_file(header, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def entry(dtype="F32", shape=(4,), offsets=(0, 16)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


HOSTILE_TENSORS = {
    "a header of 2^63 bytes": struct.pack("<Q", 2**63) + b"{}", "of all there are": b"\xff" * 8 + b"{}",
    "of 200 MB": struct.pack("<Q", 200_000_000) + b"{}", "no header": b"\0" * 8, "three bytes": b"abc",
    "overlapping": tensors_file({"mean": entry(), "std": entry(offsets=(8, 24))}, bytes(24)),
    "negative": tensors_file({"mean": entry(offsets=(-16, 0))}, bytes(16)),
    "backwards": tensors_file({"mean": entry(offsets=(16, 0))}, bytes(16)),
    "past the end": tensors_file({"mean": entry(offsets=(0, 2**40), shape=(2**38,))}, bytes(16)),
    "holes": tensors_file({"mean": entry(), "std": entry(offsets=(1000, 1016))}, bytes(1016)),
    "a shape that overflows": tensors_file({"mean": entry(shape=(2**33, 2**33))}, bytes(16)),
    "a negative shape": tensors_file({"mean": entry(shape=(-4,))}, bytes(16)),
    "an unknown type": tensors_file({"mean": entry("F1024")}, bytes(16)),
    "deep": tensors_file(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "twice": tensors_file(b'{"mean":' + json.dumps(entry()).encode() + b',"mean":' + json.dumps(entry()).encode()
                          + b"}", bytes(16)),
    "other tensors": tensors_file({"x": entry()}, bytes(16)),
}
TINY = {"dense.0.weight": torch.zeros(3, 513), **{f"dense.{i}.weight": torch.zeros(3, 3) for i in (1, 2, 3)},
        **{f"dense.{i}.bias": torch.zeros(3) for i in range(4)}, "mean": torch.zeros(513), "std": torch.ones(513),
        "data_minimum": torch.tensor(0.0)}
READERS = {"frame_mlp": catalogue.read, "folk_lstm": folk_lstm.read, "mel_gan": mel_gan.read}


def with_weights(folder, data, **card):
    (folder / "net.safetensors").write_bytes(data)
    path = folder / "net.json"
    path.write_text(json.dumps({"kind": "frame_mlp", "labels": ["a", "b", "c"], "threshold": 0.5, "vocabulary": ["<s>"],
                                "config": {"width": 4}, "sha256": hashlib.sha256(data).hexdigest(), **card}))
    return path


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", HOSTILE_TENSORS)
def test_safetensors(tmp_path, name, reader):
    sentence = refusal(READERS[reader], with_weights(tmp_path, HOSTILE_TENSORS[name]))
    assert "found it damaged" in sentence


@pytest.mark.parametrize(("key", "value"), [
    ("dense.0.weight", torch.full((3, 513), float("nan"))), ("mean", torch.full((513,), float("inf"))),
    ("dense.1.weight", torch.zeros(3, 3, dtype=torch.complex64)), ("dense.3.weight", torch.zeros(0, 3)),
    ("dense.0.weight", torch.zeros(513, 3)), ("std", torch.zeros(()))])
def test_weights_of_another_kind(tmp_path, key, value):
    assert "found it damaged" in refusal(catalogue.read, with_weights(tmp_path, bytes_of_tensors({**TINY, key: value})))


def test_a_folk_network_of_nan(tmp_path):
    model = from_arrays("x", {token: i for i, token in enumerate(FOLK_TOKENS)}, folk_arrays(), {})
    tensors = {**to_tensors(model), "softmax.b": torch.full((len(FOLK_TOKENS),), float("nan"))}
    path = with_weights(tmp_path, bytes_of_tensors(tensors), vocabulary=list(FOLK_TOKENS))
    assert "found it damaged" in refusal(folk_lstm.read, path)


@pytest.mark.parametrize("width", [10**9, 20_000, 0, -1, "4", 4.5, None])
def test_a_prior_of_any_width(tmp_path, width):
    path = with_weights(tmp_path, bytes_of_tensors({"mean": torch.zeros(80), "std": torch.ones(80)}),
                        config={"width": width})
    assert "found it damaged" in refusal(mel_gan.read, path)


# archives of arrays

def archive(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def npy(shape, descr="<f4", body=b"", version=(1, 0)):
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(118) + b"\n"
    return b"\x93NUMPY" + bytes(version) + struct.pack("<H", len(text)) + text + body


@pytest.mark.parametrize("data", [
    archive({"facts.npy": npy("(2147483647, 2147483647)")}), archive({"facts.npy": npy("(-1,)")}),
    archive({"facts.npy": npy("(4,)", "|O", pickle.dumps([1, 2, 3, 4]))}), archive({"facts.npy": b"\x93NUMPY"}),
    archive({"facts.npy": npy("(400000000,)", "|u1", bytes(400_000_000))}),      # 400 kB that are 400 MB
    archive({"facts.npy": npy("__import__('os').system('true')")}), archive({"facts.npy": npy("((" * 5000)}),
    archive({f"{i}.npy": npy("(0,)") for i in range(1500)}), archive({"../../facts.npy": npy("(0,)")}),
    archive({"facts.npy": npy("(0,)")})[:-30], b"PK\x03\x04" + bytes(200), b"\x93NUMPY", b"",
    archive({"facts.npy": npy("(1000000,)", "<f4")}), archive({"facts.npy": npy("(4,)", body=b"ab", version=(9, 9))})])
def test_archives(tmp_path, data):
    path = tmp_path / "tunes.npz"
    path.write_bytes(data)
    assert "expected an index of folk tunes, found it damaged" in refusal(read_index, path)
    assert [found.name for found in tmp_path.iterdir()] == ["tunes.npz"]


def test_an_archive_may_be_as_large_as_is_allowed(tmp_path):
    write_index(tmp_path / "tunes.npz", [KnownTune("A", "x", ("G", "2"))])
    assert set(read_arrays(tmp_path / "tunes.npz", most=1000)) == {"facts", "tokens", "lengths"}
    with pytest.raises(ValueError, match="larger than any"):
        read_arrays(tmp_path / "tunes.npz", most=20)


# cards

LAUGHS = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi",
                                                                                             strict=True))


@pytest.mark.parametrize("text", [
    LAUGHS, "labels: &x [*x]", "file: !!python/object/apply:os.system [true]", "file: !!python/name:os.system",
    "file: !!python/object/new:subprocess.Popen [[true]]", "!!set {a, b}", "file: !!binary '//////'", "? [a]: b",
    "[" * 60_000, "{" * 60_000, "- " * 30_000, "&a " * 20_000, "a: " * 20_000, "? " * 30_000, "!" * 60_000,
    "window: 0x" + "f" * 60_000, "window: " + "9" * 60_000, "window: 1" + ":59" * 20_000, "window: .inf",
    "sample_rate: 2001-01-01", "file: \0", "file: \ud800", "#" * 70_000, "'" * 60_001, "file: x" * 30_000])
def test_yaml(tmp_path, text):
    path = tmp_path / "card.yaml"
    fine = "\n".join(f"{key}: {json.dumps(value)}" for key, value in CARD.items() if key not in text[:20])
    path.write_text(f"{fine}\n{text}\n", encoding="utf-8", errors="surrogatepass")
    assert refusal(read_card, path, seconds=8).startswith("card.yaml: ")


@pytest.mark.parametrize("text", ["[" * 60_000, '{"a":' * 10_000, '{"window": ' + "9" * 60_000 + "}", '{"window": NaN}',
                                  '{"file": "\\ud800"}', '{"' + "k" * 60_000 + '": 1}', "\0", "{}" * 9])
def test_json(tmp_path, text):
    path = tmp_path / "card.json"
    path.write_text(text)
    assert refusal(read_card, path).startswith("card.json: ")


@pytest.mark.parametrize("place", ["/etc/passwd", "../../../../etc/passwd", "..", "~/x.pt"])
def test_a_card_names_a_file_elsewhere(tmp_path, place):
    """It may: what runs is what somebody agreed to by its bytes. But what is no model is no model."""
    path = tmp_path / "card.json"
    path.write_text(json.dumps({**CARD, "file": place, "format": "torchscript"}))
    assert read_card(path).file == place


# what the process of a model opens

@pytest.fixture(scope="module")
def worker():
    """One process, which is given one model after another, as long as it lives."""
    made = Worker("net", b"", SPEC, seconds=20)

    def of(data, **spec):
        made.data, made.spec = np.frombuffer(data, np.uint8), {**SPEC, **spec}
        return made
    yield of
    made.close()


@pytest.mark.parametrize("data", [
    archive({"net/data.pkl": b"cos\nsystem\n(S'true'\ntR.", "net/version": b"3"}),
    archive({"../../evil": b"x", "net/version": b"3", "net/code/../../evil.py": b"x"}),
    archive({"net/version": b"3", "net/constants.pkl": bytes(300_000_000)}), archive({"net/version": b"9" * 5000})])
def test_archives_that_are_no_torchscript(worker, data):
    assert "expected a model in torchscript, found none that opens" in refusal(worker(data).load, seconds=60)
    assert "expected a model in torch-export, found none that opens" in refusal(
        worker(data, format="torch-export").load, seconds=60)


def external(place, offset="0"):
    entries = (("location", place), ("offset", offset), ("length", "48"))
    return field(1, 4) + field(1, 3) + b"".join(field(13, field(1, key) + field(2, value)) for key, value in entries
                                                ) + field(14, 1)


@pytest.mark.parametrize("initial", [
    external("/etc/passwd"), external("../../../../../../../../etc/passwd"), external("file:///etc/passwd"),
    external("/proc/self/environ"), external("w.bin", "-48"), external("/dev/zero", str(2**62)),
    field(1, 2**31) + field(1, 2**31), field(1, 2**64 - 4) + field(1, 3), field(1, 4) + field(1, 3) + field(9, b"abc")])
def test_onnx(worker, initial):
    pytest.importorskip("onnxruntime")
    found = worker(onnx_with(initial), format="onnx")
    assert "expected a model in onnx, found none that opens" in refusal(found.load, seconds=60)
    assert "root:" not in str(found.facts)


def test_the_onnx_that_these_were_made_from_opens(worker):
    pytest.importorskip("onnxruntime")
    weights = np.arange(12, dtype="<f4").reshape(4, 3)
    found = worker(onnx_with(field(1, 4) + field(1, 3) + field(9, weights.tobytes())), format="onnx")
    torch.testing.assert_close(found.outputs(torch.eye(4)), torch.from_numpy(weights))
