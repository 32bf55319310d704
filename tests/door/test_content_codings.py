"""Bodies packed for their way come out as they went in, and no larger than they may."""

import gzip
import json
import random
import zlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trevo.door.content_codings import NotPacked, UnpacksToMore, canonical, find_coding, readable, unpack

TEXT = b'{"data": {"offerings": [' + b'{"id": "o-1", "quotas": 12}, ' * 200 + b"{}]}}"
CODINGS = readable(("gzip", "br", "zstd"))
"""Those whose libraries are there; a machine that has the lock's packages has all three."""


def raw_deflate(body: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(body) + packing.flush()


def coding_of(name: str):
    coding = find_coding(name)
    assert coding is not None
    return coding


@pytest.mark.parametrize("name", CODINGS)
@given(body=st.binary(max_size=3_000))
def test_what_is_packed_is_read_again(name: str, body: bytes) -> None:
    assert unpack(coding_of(name).pack(body), name, len(body)) == body


@pytest.mark.parametrize("name", CODINGS)
def test_a_text_becomes_much_smaller(name: str) -> None:
    assert len(coding_of(name).pack(TEXT)) < len(TEXT) / 20


@pytest.mark.parametrize("size", [0, 1, 511, 512, 4_095, 4_096, 32_767, 32_768, 300_000])
def test_a_window_as_small_as_the_body_loses_nothing(size: int) -> None:
    """Of what repeats itself over its whole length, and of what does not at all."""
    rest = random.Random(size)
    half = rest.randbytes(size // 2)
    for body in (half + half + b"x" * (size % 2), rest.randbytes(size)):
        packed = coding_of("gzip").pack(body)
        assert gzip.decompress(packed) == body
        assert unpack(packed, "gzip", size) == body


def test_a_small_answer_is_packed_as_small_as_the_usual_level_makes_it() -> None:
    rest = random.Random(1)
    rows = [{"id": str(UUID(int=rest.getrandbits(128))), "amount": f"{rest.random():.2f}"} for _ in range(30)]
    answer = json.dumps({"data": {"me": {"payouts": rows}}}).encode()
    assert len(coding_of("gzip").pack(answer)) == len(zlib.compress(answer, level=6, wbits=31))


@pytest.mark.parametrize("name", CODINGS)
@given(pieces=st.lists(st.binary(max_size=500), max_size=6))
def test_each_piece_can_be_read_as_soon_as_it_is_packed(name: str, pieces: list[bytes]) -> None:
    packer = coding_of(name).begin()
    whole = b"".join(packer.add(piece) for piece in pieces) + packer.end()
    assert unpack(whole, name, sum(map(len, pieces))) == b"".join(pieces)
    if name == "gzip":
        again, reading = coding_of(name).begin(), zlib.decompressobj(16 + zlib.MAX_WBITS)
        assert [reading.decompress(again.add(piece)) for piece in pieces] == pieces


@pytest.mark.parametrize(
    ("name", "packed"),
    [("gzip", gzip.compress(TEXT)), ("deflate", zlib.compress(TEXT)), ("deflate", raw_deflate(TEXT))],
    ids=["gzip", "deflate", "raw deflate"],
)
def test_what_others_pack_is_read(name: str, packed: bytes) -> None:
    assert unpack(packed, name, len(TEXT)) == TEXT


@pytest.mark.parametrize("name", [*CODINGS, "deflate"])
def test_a_byte_more_than_may_be_is_too_much(name: str) -> None:
    packed = zlib.compress(TEXT) if name == "deflate" else coding_of(name).pack(TEXT)
    assert unpack(packed, name, len(TEXT)) == TEXT
    with pytest.raises(UnpacksToMore):
        unpack(packed, name, len(TEXT) - 1)


@pytest.mark.parametrize("name", [*CODINGS, "deflate"])
def test_what_is_not_wholly_packed_so_is_told(name: str) -> None:
    packed = zlib.compress(TEXT) if name == "deflate" else coding_of(name).pack(TEXT)
    for wrong in (b"", b"x", TEXT, packed[:-1], packed[: len(packed) // 2], packed + b"x", packed + packed):
        with pytest.raises((NotPacked, UnpacksToMore)):
            unpack(wrong, name, len(TEXT))


@pytest.mark.parametrize(
    ("said", "meant"), [("gzip", "gzip"), (" GZIP ", "gzip"), ("x-gzip", "gzip"), ("BR", "br"), ("", "")]
)
def test_names_are_as_the_standard_has_them(said: str, meant: str) -> None:
    assert canonical(said) == meant


def test_a_coding_without_its_library_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trevo.door.content_codings.import_module", missing)
    for kept in ("_brotli", "_brotli_library", "_zstd", "_zstd_library"):
        vars(__import__("trevo.door.content_codings", fromlist=["x"]))[kept].cache_clear()
    assert (find_coding("br"), find_coding("zstd")) == (None, None)
    assert readable(("gzip", "deflate", "br", "zstd")) == ("gzip", "deflate")


def missing(name: str) -> None:
    raise ModuleNotFoundError(name)
