import io
import struct
import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """Every entry of the table of contents points at the same data."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bin", bytes(1 << 20))
    whole = buffer.getvalue()
    at, size = whole.rindex(b"PK\x01\x02"), whole.rindex(b"PK\x05\x06")
    entry = whole[at:size]
    table = entry * 500
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 500, 500, len(table), at, 0)
    path = folder / "student.zip"
    path.write_bytes(whole[:at] + table + end)
    return path
