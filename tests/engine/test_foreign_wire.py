"""The protocol carries arrays unchanged, and takes nothing else for a message."""

import io
import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.models import foreign_wire as wire


def sent(header, *values):
    stream = io.BytesIO()
    wire.write(stream, header, values)
    return stream.getvalue()


def framed(header, body=b"", *, mark=b"OTO1", size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<4sIQ", mark, len(text), len(body) if size is None else size) + text + body


@settings(max_examples=60, deadline=None)
@given(st.lists(arrays(st.sampled_from([np.float32, np.uint8]), array_shapes(max_dims=4, max_side=5, min_side=0)),
                max_size=4), st.dictionaries(st.text(), st.integers() | st.text() | st.booleans(), max_size=4))
def test_what_is_sent_arrives(values, header):
    header.pop("arrays", None)
    said, got = wire.read(io.BytesIO(sent(header, *values)))
    assert said == header
    for one, other in zip(got, values, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_slices_arrive_as_they_look():
    x = np.arange(24, dtype=np.float32).reshape(4, 6)[::2, ::-1]
    np.testing.assert_array_equal(wire.read(io.BytesIO(sent({}, x)))[1][0], x)


ONE = {"dtype": "float32", "shape": [2]}


@pytest.mark.parametrize("message", [
    framed({}, mark=b"\x80\x04\x95a"),                                      # how a pickle begins
    framed(b"[]"), framed(b"{"), framed(b"\xff\xfe"), framed(b"[" * 60_000),
    framed({}, b"1234"), framed({"arrays": [ONE]}, b"1234"), framed({"arrays": [ONE] * 5}, b"12345678" * 5),
    framed({"arrays": [{"dtype": "object", "shape": [1]}]}, b"12345678"),
    framed({"arrays": [{"dtype": "float32", "shape": [-1, -2]}]}, b"12345678"),
    framed({"arrays": [{"dtype": "float32", "shape": [True, 2]}]}, b"12345678"),
    framed({"arrays": [{"dtype": "float32", "shape": [1] * 9}]}, b"1234"),
    framed({"arrays": [{"dtype": "float32", "shape": 2}]}, b"12345678"), framed({"arrays": ["float32"]}, b""),
    framed({"arrays": [{"dtype": "float32", "shape": [2**31, 2**31]}]}, b"12345678"),
    framed({}, size=2**63), struct.pack("<4sIQ", b"OTO1", 2**32 - 1, 0),
])
def test_what_is_no_message_is_refused(message):
    with pytest.raises(wire.WireError):
        wire.read(io.BytesIO(message))


def test_an_answer_may_not_be_larger_than_was_asked_for():
    message = sent({}, np.zeros(100, np.float32))
    with pytest.raises(wire.WireError, match="400 bytes"):
        wire.read(io.BytesIO(message), most=399)
    wire.read(io.BytesIO(message), most=400)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80) | st.tuples(st.just(sent({"a": 1}, np.ones(3, np.float32))), st.integers(0, 80),
                                          st.integers(0, 255)).map(
    lambda t: t[0][: t[1]] + bytes([t[2]]) + t[0][t[1] + 1 :]))
def test_no_bytes_do_more_than_be_refused(data):
    try:
        wire.read(io.BytesIO(data), most=1000)
    except (wire.WireError, EOFError):
        return
