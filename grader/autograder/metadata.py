"""Read ``submission_metadata.json``, in which Gradescope says whose submission it is, and of which assignment."""

from __future__ import annotations

from pathlib import Path

import msgspec


class _User(msgspec.Struct, frozen=True):
    name: str = ""


class _Assignment(msgspec.Struct, frozen=True):
    total_points: str | float | None = None


class Metadata(msgspec.Struct, frozen=True):
    """What we use of it; every field may be missing."""

    id: int | None = None
    users: tuple[_User, ...] = ()
    assignment: _Assignment = _Assignment()

    @property
    def name(self) -> str:
        """Whose it is, or else its number."""
        names = " and ".join(user.name for user in self.users if user.name)
        return names or f"submission {self.id or ''}".strip()

    @property
    def points(self) -> float | None:
        """The points that the assignment has on Gradescope; None where it does not say."""
        try:
            return float(self.assignment.total_points or "none")
        except ValueError:
            return None


def read(path: Path) -> Metadata:
    """Return what the file says; an empty one if it is missing or of another form, since no score depends on it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Metadata)
    except (OSError, msgspec.MsgspecError):
        return Metadata()
