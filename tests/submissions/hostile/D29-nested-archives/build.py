import io
import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A zip in a zip in a zip; each would grow a thousandfold if it were opened."""
    content = bytes(1 << 20)
    for level in range(4):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(3):
                archive.writestr(f"level{level}-{number}.zip", content)
        content = buffer.getvalue()
    path = folder / "student.zip"
    path.write_bytes(content)
    return path
