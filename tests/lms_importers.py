"""Importers of grades, written after the LMSs' own: Canvas's gradebook_importer.rb, Moodle's mod/assign."""

import csv
import io
import re
import zipfile

STUDENT_IDS = ("ID", "SIS User ID", "SIS Login ID")


def canvas_import(content, course):
    """Return {student id: score} that Canvas would change; ``course`` has ``assignments`` and ``students``.

    Raises ValueError where Canvas refuses the file or would make a new assignment.
    """
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    place = next((at for at, row in enumerate(rows) if len(row) > 3 and "Student" in row[0] and "ID" in row[1]), None)
    if place is None:
        raise ValueError("Invalid header row")
    header = rows[place]
    first = next((at for at, cell in enumerate(header) if re.fullmatch(r".* \(\d+\)", cell)), len(header))
    if "Section" not in header[first - 1]:
        raise ValueError("Invalid header row")
    for cell in header[first:]:
        if cell not in course["assignments"]:
            raise ValueError(f"creates a new assignment {cell!r}")
    changes = {}
    for row in rows[place + 1 :]:
        if "Points Possible" in row[0] or {cell.strip() for cell in row} <= {"", "Muted", "Manual Posting"}:
            continue
        student = next((course["students"][row[at]] for at in range(1, first) if row[at] in course["students"]), None)
        if student is None:
            raise ValueError(f"offers {row[0]!r} as a new student")
        for cell in row[first:]:
            changes[student] = None if cell in ("", "-") else round(float(cell.replace(",", ".")), 2)
    return changes


def moodle_import(content, grades):
    """Return {participant: grade} that Moodle would change; ``grades`` has its times of the last change."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if not {"Identifier", "Grade", "Last modified (grade)"} <= rows[0].keys():
        raise ValueError("Missing required column")
    changes = {}
    for row in rows:
        if row["Last modified (grade)"] != grades[row["Identifier"]]:
            continue  # it was changed on the site since
        if row["Grade"]:
            changes[row["Identifier"]] = float(row["Grade"])
    return changes


def canvas_feedback_import(content, attachments):
    """Return {user: file} of a zip for Canvas's “Upload submissions”, and the names that it ignores.

    ``attachments`` has, by user, the ids of what they handed in. After `infer_comment_context_from_filename`.
    """
    taken, ignored = {}, []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for path in archive.namelist():
            name = path.rpartition("/")[2]
            words = name.split("_")
            user, attachment = [*[word for word in words if re.fullmatch(r"\d+", word)][:2], None, None][:2]
            if words[-1].startswith("link") or name.startswith("._") or attachment not in attachments.get(user, ()):
                ignored.append(path)
            else:
                taken[user] = archive.read(path)
    return taken, ignored
