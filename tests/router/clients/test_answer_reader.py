"""Bytes → answers: the same however a network cuts them, and never more than the bounds."""

import gzip
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trevo.clients.carrier import AnswerTooLarge, HttpAnswer
from trevo.clients.plain_http.answer_reader import AnswerReader, BrokenAnswer

BODY = b'{"data":{"a":[1,2,3]}}'
PACKED = gzip.compress(BODY, mtime=0)
HINTS = b"HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"
ANSWERS = [
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json; a=b\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY),
    HINTS + b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;x=1\r\n%s\r\n%x\r\n%s\r\n0\r\nx-trailer: 1\r\n\r\n" % (BODY[:5], len(BODY) - 5, BODY[5:]),
    b"HTTP/1.1 200 OK\r\ncontent-type:application/json\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%s"
    % (len(PACKED), PACKED),
]
CUTS = st.sets(st.integers(1, max(map(len, ANSWERS)) - 1))


def pieces(text, cuts):
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    return [text[start:end] for start, end in pairwise(places)]


@given(texts=st.lists(st.tuples(st.sampled_from(ANSWERS), CUTS), min_size=1, max_size=4))
def test_answers_are_the_same_however_they_are_cut(texts):
    reader = AnswerReader(1_000)
    for text, cuts in texts:
        reader.expect()
        *before, last = [reader.feed(piece) for piece in pieces(text, cuts)]
        assert before == [None] * len(before)
        assert last == HttpAnswer(200, "application/json", BODY)
        assert reader.is_reusable


@given(text=st.sampled_from(ANSWERS), cuts=CUTS, place=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_changed_byte_gives_an_answer_or_a_failure_of_the_two_that_are_told(text, cuts, place, byte):
    changed = bytearray(text)
    changed[place % len(text)] = byte
    reader = AnswerReader(1_000)
    try:
        for piece in pieces(bytes(changed), cuts):
            answer = reader.feed(piece)
            if answer is not None:
                break
        else:
            answer = reader.end()
    except (AnswerTooLarge, BrokenAnswer):
        return
    assert answer is None or len(answer.body) <= 1_000


@given(data=st.binary(max_size=300), cuts=CUTS)
def test_anything_gives_an_answer_or_a_failure_of_the_two_that_are_told(data, cuts):
    reader = AnswerReader(1_000)
    try:
        for piece in pieces(b"HTTP/1.1 200 OK\r\n" + data, cuts):
            if reader.feed(piece) is not None:
                return
        reader.end()
    except (AnswerTooLarge, BrokenAnswer):
        return


def test_another_protocol_is_no_answer():
    reader = AnswerReader(1_000)
    with pytest.raises(BrokenAnswer):
        reader.feed(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n")
    assert not reader.is_reusable


@pytest.mark.parametrize("is_cut", [True, False])
def test_an_answer_that_follows_unasked_takes_nothing_from_the_first_and_ends_the_connection(is_cut):
    reader = AnswerReader(1_000)
    other = ANSWERS[0].replace(b"200", b"500")
    text = ANSWERS[0] + (other[:10] if is_cut else other)
    assert reader.feed(text) == HttpAnswer(200, "application/json", BODY)
    assert not reader.is_reusable
