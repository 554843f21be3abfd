"""`grader.sandbox.output`: the beginning and the end of what a worker printed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox.output import Output, head_and_tail


def added(*chunks, head=4, tail=3):
    output = Output(head=head, tail=tail)
    for chunk in chunks:
        output.add(chunk)
    return output


def test_little_output_is_kept_whole():
    output = added(b"abc", b"defg")
    assert (output.text, output.truncated) == ("abcdefg", False)


def test_of_much_output_the_beginning_and_the_end_are_kept():
    output = added(b"abc", b"defgh", b"ij", b"k")
    assert (output.text, output.truncated) == ("abcd\n… 4 bytes left out …\nijk", True)


def test_output_is_taken_once_also_behind_a_flood():
    output = added(b"ab")
    assert (output.take(), output.take()) == ("ab", "")
    output.add(b"cdefghij")
    assert output.take() == "cd\n… 3 bytes left out …\nhij"
    output.add(b"kl")
    assert output.take() == "kl"
    output.add(b"mnopq")
    assert output.take() == "\n… 2 bytes left out …\nopq"


@given(st.lists(st.binary(max_size=9), max_size=9))
@settings(database=None, deadline=None)
def test_what_is_taken_piece_by_piece_is_what_was_printed(chunks):
    output, taken = added(head=8, tail=9), ""
    for chunk in chunks:
        output.add(chunk)
        taken += output.take()
    assert taken == "".join(chunk.decode(errors="replace") for chunk in _as_printed(chunks))


def _as_printed(chunks):
    """Each chunk cut where the beginning ends, because each half is decoded by itself."""
    at = 0
    for chunk in chunks:
        cut = max(0, 8 - at)
        yield from (chunk[:cut], chunk[cut:])
        at += len(chunk)


def test_a_long_text_keeps_its_beginning_and_its_end():
    assert head_and_tail("abcdef", 2, 2) == "ab\n… 2 characters left out …\nef"
    assert head_and_tail("abcd", 2, 2) == "abcd"
