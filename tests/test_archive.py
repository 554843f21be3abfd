"""`grader.intake.archive` against zips that honest tools make and zips that they do not."""

import io
import re
import stat
import struct
import tracemalloc
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import IntakeRefused
from grader.intake import archive as intake
from grader.intake.archive import DEFAULT_LIMITS, IntakeLimits, names, shown
from grader.intake.inner_zips import open_inner_zips

KIB, MIB = 1024, 1024 * 1024
NO_DATABASE = settings(database=None, deadline=None)


@dataclass
class Entry:
    """One member of a forged zip; what is left None is told as it is."""

    name: bytes
    content: bytes = b"x = 1\n"
    deflate: bool = False
    method: int | None = None
    flags: int = 0
    attributes: int = 0
    size: int | None = None
    crc: int | None = None
    local_name: bytes | None = None
    junk: bytes = b""  # behind the compressed data, and counted as part of it
    at: int | None = None  # where the table of contents says the member is


def forge(*entries: Entry, before: bytes = b"") -> bytes:
    """Build a zip by hand, so that every field can be a lie."""
    body, contents = bytearray(before), bytearray()
    for entry in entries:
        packed = entry.content
        if entry.deflate:
            deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
            packed = deflater.compress(entry.content) + deflater.flush()
        packed += entry.junk
        size = len(entry.content) if entry.size is None else entry.size
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        method = (8 if entry.deflate else 0) if entry.method is None else entry.method
        sizes = (entry.flags, method, 0, 0x21, crc, len(packed), size)
        local_name = entry.name if entry.local_name is None else entry.local_name
        at = len(body) - len(before) if entry.at is None else entry.at
        body += struct.pack("<4s5H3I2H", b"PK\3\4", 20, *sizes, len(local_name), 0) + local_name + packed
        contents += struct.pack("<4s2B5H3I", b"PK\1\2", 20, 3, 20, *sizes)
        contents += struct.pack("<5H2I", len(entry.name), 0, 0, 0, 0, entry.attributes, at) + entry.name
    tail = (0, 0, len(entries), len(entries), len(contents), len(body) - len(before), 0)
    return bytes(body + contents + struct.pack("<4s4H2IH", b"PK\5\6", *tail))


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def unzip(archive: bytes, limits: IntakeLimits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """The files of a zip from which nothing is left out."""
    read = intake.unzip(archive, limits)
    assert read.left_out == []
    return read.files


def left_out(archive: bytes, **limits: Any) -> str:
    """What is said of the one file that is left out; the others are ``a.py`` and there."""
    read = intake.unzip(archive, IntakeLimits(**limits))
    assert read.files == {"a.py": b"x = 1\n"}
    (sentence,) = read.left_out
    assert sentence.isprintable()
    assert sentence.endswith(".")
    return sentence


def refusal(archive: bytes, **limits: Any) -> str:
    with pytest.raises(IntakeRefused) as caught:
        intake.unzip(archive, IntakeLimits(**limits))
    message = str(caught.value)
    assert message.endswith(".")
    assert message.count(". ") >= 1, "a refusal says what is wrong, and then what to do"
    return message


part = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8) | st.sampled_from(
    ["lab 1", "Übung", "работа", "score_matrix", "…", "a.b.c", "~", "x..y", "con", "😀"]
)
path = st.builds(lambda folders, base: "/".join([*folders, f"{base}.py"]), st.lists(part, max_size=4), part)
files = st.dictionaries(path, st.binary(max_size=200), max_size=8).filter(
    lambda found: len({p.casefold() for p in found}) == len(found)
)


@given(files, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
@NO_DATABASE
def test_legal_names_and_any_contents_round_trip(found, method):
    assert unzip(zipped(found, method)) == found


@given(st.binary(max_size=400))
@NO_DATABASE
def test_arbitrary_bytes_are_refused_and_nothing_else_is_raised(junk):
    with pytest.raises(IntakeRefused):
        unzip(junk)


SOUND = zipped({"score_matrix.py": b"import torch\n" * 9, "lab/notes.txt": b"hello"})


@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(NO_DATABASE, max_examples=1500)
def test_a_zip_with_changed_bytes_gives_the_true_contents_or_is_refused(changes):
    forged = bytearray(SOUND)
    for at, value in changes:
        forged[at] = value
    try:
        contents = set(intake.unzip(bytes(forged)).files.values())
    except IntakeRefused:
        return
    assert contents <= {b"import torch\n" * 9, b"hello"}


@pytest.mark.parametrize("kept", range(0, len(SOUND), 7))
def test_a_truncated_zip_is_refused(kept):
    assert "damaged" in refusal(SOUND[:kept])


def test_large_contents_survive_the_inflating_loop():
    # Repetitive at first, then incompressible: output runs ahead of input, and the other way round.
    noise = b"".join(zlib.crc32(bytes([i % 256, i // 256])).to_bytes(4, "big") for i in range(60_000))
    content = b"0" * 700_000 + noise + b"1" * 300_001
    assert unzip(zipped({"a.bin": content})) == {"a.bin": content}


def test_zips_of_other_honest_tools_are_read():
    class Pipe(io.RawIOBase):  # cannot seek, so sizes follow the data, as in `zip - . | …`
        def __init__(self):
            self.written = bytearray()

        def writable(self):
            return True

        def write(self, piece):
            self.written += piece
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", b"streamed")
    assert unzip(bytes(pipe.written)) == {"a.py": b"streamed"}

    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w") as archive,
        archive.open(zipfile.ZipInfo("a.py"), "w", force_zip64=True) as member,
    ):
        member.write(b"zip64")
    assert unzip(buffer.getvalue()) == {"a.py": b"zip64"}
    assert unzip(forge(Entry(b"a.py"), before=b"#!/bin/sh\n")) == {"a.py": b"x = 1\n"}
    assert unzip(forge(Entry(b"./a.py"))) == {"a.py": b"x = 1\n"}
    first, second = 0, 30 + len(b"a.py") + len(b"x = 1\n")
    disordered = forge(Entry(b"b.py", local_name=b"a.py", at=second), Entry(b"a.py", local_name=b"b.py", at=first))
    assert set(unzip(disordered)) == {"a.py", "b.py"}
    macos = Entry("Übung/a.py".encode())  # UTF-8 without the flag that says so
    assert unzip(forge(macos)) == {"Übung/a.py": b"x = 1\n"}
    assert unzip(forge(Entry("Übung.py".encode("cp437")))) == {"Übung.py": b"x = 1\n"}


def test_litter_and_folders_are_left_out_in_silence():
    archive = forge(
        Entry(b"lab1/", b"", attributes=(stat.S_IFDIR | 0o755) << 16 | 0x10),
        Entry(b"lab1/a.py"),
        Entry(b"__MACOSX/lab1/._a.py"),
        Entry(b"lab1/.DS_Store"),
        Entry(b"lab1/._a.py"),
        Entry(b"lab1/__pycache__/a.cpython-311.pyc"),
        Entry(b".git/" + b"deep/" * 30 + b"object"),
        Entry(b".git/link", attributes=(stat.S_IFLNK | 0o777) << 16),
        Entry(b".ipynb_checkpoints/a-checkpoint.ipynb"),
        Entry(b"lab1/Icon\r", b""),
        Entry(b"lab1/Thumbs.db"),
        Entry(b"lab1/Desktop.ini"),
        Entry(b"lab1/~$notes.docx"),
        Entry(b"git/kept.py"),
    )
    assert set(unzip(archive)) == {"lab1/a.py", "git/kept.py"}


def test_archives_inside_stay_closed():
    inner = zipped({"../evil.py": b"boom"})
    assert unzip(zipped({"data.zip": inner}, zipfile.ZIP_STORED)) == {"data.zip": inner}


@pytest.mark.parametrize(
    "name",
    [
        b"../evil.py",
        b"lab/../../evil.py",
        b"lab/..",
        b"..",
        b"/etc/cron.d/evil",
        b"//host/share/evil.py",
        b"\\\\host\\share\\evil.py",
        b"..\\evil.py",
        b"lab\\..\\..\\evil.py",
        b"lab/..\\evil.py",
        b"\\evil.py",
        b"C:/evil.py",
        b"C:\\evil.py",
        b"c:evil.py",
        b"__MACOSX/../../evil.py",
        b"../evil/",
        b"..\\evil\\",
    ],
)
def test_names_that_lead_out_are_refused(name):
    message = refusal(forge(Entry(b"fine.py"), Entry(name)))
    assert message.isprintable()
    assert ("absolute path" in message) == name.startswith((b"/", b"\\", b"C:", b"c:"))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"lab\\a.py", "lab/a.py"),  # Compress-Archive of Windows PowerShell
        (b"lab\\sub\\a.py", "lab/sub/a.py"),
        (b"lab//a.py", "lab/a.py"),
        (b"lab/./a.py", "lab/a.py"),
        (b"./a.py", "a.py"),
        (b".\\lab\\a.py", "lab/a.py"),
        ("Übung/a.py".encode("cp850"), "Übung/a.py"),
        ("課題表/a.py".encode("cp932"), "課題表/a.py"),  # the second byte of 表 is that of a backslash
        ("課題表\\a.py".encode("cp932"), "課題表/a.py"),
        ("誠/a.py".encode("gbk"), None),  # GBK has letters with that byte, too; which ones may look odd
        ("作业/a.py".encode("gbk"), None),
        ("работа/a.py".encode("cp866"), None),
        ("U\u0308bung/a.py".encode(), "Übung/a.py"),  # as macOS takes letters apart
    ],
)
def test_names_of_honest_tools_are_read(name, path):
    ((found, content),) = unzip(forge(Entry(name))).items()
    assert content == b"x = 1\n"
    assert found == path or (path is None and found.count("/") == 1)
    assert names(forge(Entry(name))) != []


@pytest.mark.parametrize("name", [b"./", b".", b".\\", b"lab/./", b"lab\\", "表\\".encode("cp932")])
def test_entries_of_folders_say_nothing(name):
    assert unzip(forge(Entry(name, b""), Entry(b"a.py"))) == {"a.py": b"x = 1\n"}


@pytest.mark.parametrize(
    "name",
    [
        b"evil.py\0.txt",
        b"evil\n.py",
        b"evil\x1b[2J.py",
        b"evil\x7f.py",
        "evil\u202eyp.exe".encode(),
        "evil\u202eyp.py".encode(),
        "evil\u2028.py".encode(),
        "\u200ephoto.png".encode(),
    ],
)
def test_an_invisible_character_costs_only_that_file(name):
    assert "has invisible characters in its name" in left_out(forge(Entry(b"a.py"), Entry(name)))


def test_work_with_a_mark_of_a_browser_in_its_name_is_read_without_it():
    read = intake.unzip(forge(Entry("\u200elab 1/\ufeffa.py".encode()), Entry("\u200elab 1/\u200ephoto.png".encode())))
    assert read.files == {"lab 1/a.py": b"x = 1\n"}
    renamed, picture = read.left_out
    assert "was read as lab 1/a.py." in renamed
    assert "photo.png” was left out" in picture


def test_names_that_together_fill_a_message_are_refused():
    paths = {f"{'é' * 50}/{number}.py": b"" for number in range(10)}  # 105 bytes each
    assert len(unzip(zipped(paths), IntakeLimits(path_bytes=1050))) == 10
    assert "together are longer than 1,049 bytes" in refusal(zipped(paths), path_bytes=1049)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK, stat.S_IFDIR])
def test_only_regular_files_are_taken_in(kind):
    ordinary = Entry(b"a.py", attributes=(stat.S_IFREG | 0o644) << 16)
    assert unzip(forge(ordinary)) == {"a.py": b"x = 1\n"}
    odd = Entry(b"a.py", b"/etc/passwd", attributes=(kind | 0o777) << 16)
    assert "link or a device" in refusal(forge(odd))


@pytest.mark.parametrize("flags", [0x1, 0x41, 0x2000])
def test_encrypted_members_are_left_out(flags):
    assert "password" in left_out(forge(Entry(b"a.py"), Entry(b"b.py", flags=flags)))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_without_a_memory_bound_is_left_out(method):
    assert "unusual" in intake.unzip(zipped({"a.py": b"x = 1\n"}, method)).left_out[0]
    assert "unusual" in left_out(forge(Entry(b"a.py"), Entry(b"b.py", method=99)))
    assert "unusual" in left_out(forge(Entry(b"a.py"), Entry(b"b.py", flags=0x20)))


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("a.py", "a.py", "twice"),
        ("lab/A.py", "lab/a.py", "only by case"),
        ("straße.py", "STRASSE.py", "only by case"),
        ("\u00e9.py", "e\u0301.py", "twice"),
        ("lab", "lab/a.py", "a file and a folder"),
        ("lab/sub/a.py", "lab", "a file and a folder"),
        ("Lab", "lab/sub/a.py", "a file and a folder"),
    ],
)
def test_names_that_would_hide_one_another_are_refused(first, second, says):
    pair = [Entry(name.encode(), content, flags=0x800) for name, content in ((first, b"1"), (second, b"2"))]
    assert says in refusal(forge(*pair))


@pytest.mark.parametrize("twin", ["Photo.png", "photo.png"])
def test_of_two_names_that_are_one_a_picture_costs_only_itself(twin):
    read = intake.unzip(forge(Entry(b"photo.png", b"1"), Entry(twin.encode(), b"2"), Entry(b"a.py")))
    assert read.files == {"photo.png": b"1", "a.py": b"x = 1\n"}
    assert "was left out: it" in read.left_out[0]


def test_the_same_file_twice_is_one_file():
    assert unzip(forge(Entry(b"a.py"), Entry(b"a.py"))) == {"a.py": b"x = 1\n"}


def test_sibling_folders_with_the_same_beginning_do_not_clash():
    names = {"lab/a.py": b"1", "lab.py": b"2", "lab1/a.py": b"3", "a.py": b"4"}
    assert unzip(zipped(names)) == names


def test_ten_thousand_files_are_refused():
    many = zipped({f"{number}.py": b"" for number in range(10_000)}, zipfile.ZIP_STORED)
    assert "2,000 files" in refusal(many)
    assert len(unzip(many, IntakeLimits(files=10_000))) == 10_000
    # Litter does not count as files, but a table of contents is never parsed beyond `members`.
    litter = zipped({f".git/{number}": b"" for number in range(500)} | {"a.py": b""}, zipfile.ZIP_STORED)
    assert set(unzip(litter, IntakeLimits(files=1))) == {"a.py"}
    assert "more than 500" in refusal(litter, members=500)


def test_the_last_allowed_file_depth_and_name_are_allowed():
    assert len(unzip(zipped({"a": b"", "b": b""}), IntakeLimits(files=2))) == 2
    assert "more than 1 files" in refusal(zipped({"a": b"", "b": b""}), files=1)
    assert unzip(zipped({"a/b/c.py": b""}), IntakeLimits(depth=3)) == {"a/b/c.py": b""}
    one = Entry(b"a.py")
    assert "2 folders deep" in left_out(forge(one, Entry(b"a/b/c/d.py")), depth=3)
    assert "deep" in left_out(forge(one, Entry(b"d/" * 500 + b"a.py")))
    assert list(unzip(zipped({"é" * 100: b""}))) == ["é" * 100]
    assert "name" in left_out(forge(one, Entry(("é" * 100 + "x").encode())))


def test_sizes_are_capped_per_file_and_in_all():
    two = zipped({"a.py": b"x" * 600, "b.pt": b"y" * 600})
    assert len(unzip(two, IntakeLimits(file_bytes=600, total_bytes=1200))) == 2
    assert "“a.py” is larger" in refusal(two, file_bytes=599)
    assert "The submission is larger" in refusal(two, total_bytes=1199)
    weights = forge(Entry(b"a.py"), Entry(b"b.pt", b"y" * 600))
    assert "“b.pt” was left out: it is larger than" in left_out(weights, file_bytes=599)
    lying = forge(Entry(b"b.pt", b"y" * 600, size=5))
    assert "“b.pt” is larger" in refusal(lying, file_bytes=599)


@pytest.mark.parametrize("told", [0, 5, 2 * MIB, 0xFFFFFFF0])
def test_a_size_in_a_header_is_not_believed(told):
    lying = forge(Entry(b"a.py", b"x" * MIB, deflate=True, size=told, crc=zlib.crc32(b"x" * told if told < 9 else b"")))
    assert "larger" in refusal(lying, file_bytes=MIB - 1, ratio=10**9)
    assert "damaged" in refusal(lying, ratio=10**9)
    assert re.search("damaged|200 times", refusal(forge(Entry(b"a.py", b"x" * 100, size=told))))


def test_a_wrong_checksum_is_refused():
    assert "damaged" in refusal(forge(Entry(b"a.py", crc=1)))
    assert "damaged" in refusal(forge(Entry(b"a.py", deflate=True, crc=1)))


def test_compressed_data_without_an_end_are_refused():
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    endless = deflater.compress(b"x = 1\n") + deflater.flush(zlib.Z_SYNC_FLUSH)
    told = {"method": zipfile.ZIP_DEFLATED, "size": 6, "crc": zlib.crc32(b"x = 1\n")}
    assert "damaged" in refusal(forge(Entry(b"a.py", endless, **told)))
    assert unzip(forge(Entry(b"a.py", endless + deflater.flush(), **told))) == {"a.py": b"x = 1\n"}


def test_bytes_behind_the_compressed_data_are_refused():
    assert "damaged" in refusal(forge(Entry(b"a.py", b"x" * 99, deflate=True, junk=b"hidden")))


def test_two_headers_that_do_not_belong_together_are_refused():
    assert "damaged" in refusal(forge(Entry(b"a.py", local_name=b"b.py")))
    assert "damaged" in refusal(forge(Entry(b"a.py")).replace(b"PK\3\4", b"PK\3\5"))


def test_a_member_that_reaches_beyond_the_end_or_starts_there_is_refused():
    assert "damaged" in refusal(forge(Entry(b"a.py", at=10**6)))
    assert "damaged" in refusal(forge(Entry(b"a.py", at=0xFFFFFFF0)))


def test_a_ratio_bomb_is_refused_and_small_zeros_are_not():
    bomb = forge(Entry(b"zeros", bytes(8 * MIB), deflate=True))
    assert len(bomb) < 10 * KIB
    assert "200 times" in refusal(bomb)
    larger = forge(Entry(b"zeros", bytes(21 * MIB), deflate=True))  # more than is read of a file that is no work
    assert "200 times" in refusal(larger)
    zeros = bytes(MIB)
    assert unzip(zipped({"zeros": zeros})) == {"zeros": zeros}
    assert "times" in refusal(zipped({"zeros": zeros + b"0"}))


def test_a_bomb_is_never_inflated_beyond_the_limit():
    bomb = forge(Entry(b"zeros", bytes(100 * MIB), deflate=True, size=5))
    tracemalloc.start()
    try:
        assert "larger" in refusal(bomb, file_bytes=MIB, ratio=10**9)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * MIB


def test_members_that_share_bytes_are_refused():
    # The first member, stored, holds the second one's header and data: both are sound when looked at alone.
    inner = forge(Entry(b"b.py"))
    inner = inner[: inner.index(b"PK\1\2")]
    outer = Entry(b"a.py", inner)
    header = 30 + len(b"a.py")
    shared = Entry(b"b.py", at=header)
    archive = forge(outer, shared)
    with zipfile.ZipFile(io.BytesIO(archive)) as sound:
        assert sound.infolist()[1].header_offset == header
    assert "same bytes" in refusal(archive)
    assert "same bytes" in refusal(forge(Entry(b"a.py"), Entry(b"a.py", at=0)))


def is_code(path: str) -> bool:
    return path.endswith(".py")


def test_a_zip_with_work_is_opened_once():
    deep = zipped({"c.py": b"3"})
    inner = zipped({"b.py": b"2", "deep.zip": deep})
    data = zipped({"ratings.csv": b"1,2"})
    files = {"a.py": b"1", "hand in/Work.ZIP": inner, "data.zip": data}
    opened = open_inner_zips(files, is_code)
    assert opened.files == {
        "a.py": b"1",
        "hand in/Work/b.py": b"2",
        "hand in/Work/deep.zip": deep,
        "data.zip": data,
    }
    assert opened.notices == []


@pytest.mark.parametrize(
    ("inner", "limits", "says"),
    [
        (forge(Entry(b"a.py"), Entry(b"../evil.py")), {}, "leads out"),
        (forge(Entry(b"a.py"), Entry(b"zeros", bytes(8 * MIB), deflate=True)), {}, "200 times"),
        (forge(Entry(b"a.py", b"1", crc=1)), {}, "damaged"),
        (forge(Entry(b"a.py")), {"files": 1}, "more than 1 files"),
        (forge(Entry(b"a.py", b"x" * 60), Entry(b"b.py", b"x" * 60)), {"total_bytes": 100}, "larger"),
        (forge(Entry(b"sub/a.py")), {}, "a file and a folder"),
    ],
)
def test_a_zip_inside_that_cannot_be_opened_stays_closed_with_its_reason(inner, limits, says):
    files = {"a.py": b"1", "in/b.zip": inner, "in/b": b"not a folder"}
    opened = open_inner_zips(files, is_code, IntakeLimits(**limits))
    assert opened.files == files
    assert "in/b.zip is an archive inside your submission and was not opened. " in opened.notices[0]
    assert says in opened.notices[0]


def test_what_is_left_out_of_a_zip_inside_is_told():
    opened = open_inner_zips({"w.zip": forge(Entry(b"a.py"), Entry(b"b\n.png"))}, is_code)
    assert list(opened.files) == ["w/a.py"]
    assert opened.notices == ["In w.zip: “b\\n.png” was left out: it has invisible characters in its name. Rename it."]


def test_only_few_zips_inside_are_opened():
    opened = open_inner_zips({f"{number:02}.zip": forge(Entry(b"a.py")) for number in range(20)}, is_code)
    assert sum(path.endswith("/a.py") for path in opened.files) == 8


def test_the_files_of_one_person_are_read_from_the_zip_of_a_class():
    bulk = forge(Entry(b"kim_1_lab.py", b"kim"), Entry(b"lee_2_lab.py", b"lee"), Entry(b"../evil.py"))
    assert names(bulk)[0] == "kim_1_lab.py"
    with pytest.raises(IntakeRefused, match="leads out"):
        intake.unzip(bulk, DEFAULT_LIMITS, {"lee_2_lab.py": "lab.py"})
    bulk = forge(Entry(b"kim_1_lab.py", b"kim", crc=1), Entry(b"lee_2_lab.py", b"lee"), Entry(b"lee_2_b.py", b"b"))
    read = intake.unzip(bulk, DEFAULT_LIMITS, {"lee_2_lab.py": "lab.py", "lee_2_b.py": "sub/b.py"})
    assert read.files == {"lab.py": b"lee", "sub/b.py": b"b"}
    assert intake.unzip(bulk, DEFAULT_LIMITS, {}).files == {}


def test_names_are_shown_without_control_characters_and_not_too_long():
    assert shown("a\x1b[2J\u202e\udcff.py") == r"a\x1b[2J\u202e\udcff.py"
    assert shown("score matrix (1) é.py") == "score matrix (1) é.py"
    long = shown("x" * 500 + ".py")
    assert len(long) <= 100
    assert long.endswith(".py")


@pytest.mark.parametrize(
    "char", ["\u200b", "\u200e", "\u061c", "\u2060", "\ufeff", "\u2064", "\u206e", "\u202e", "\U000e0041"]
)
def test_what_cannot_be_seen_in_a_name_is_spelled_out(char):
    assert shown(f"ann{char}") == "ann" + char.encode("unicode_escape").decode()
    assert intake.Gathering(DEFAULT_LIMITS).place(f"ann{char}.png") == ""


def test_joiners_stay_in_names_that_are_written_with_them():
    assert shown("\u0646\u0645\u06cc\u200c\u062f") == "\u0646\u0645\u06cc\u200c\u062f"
