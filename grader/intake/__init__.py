"""What a class handed in, found and read safely into memory; nothing of it is run here.

Two doors: a :class:`~grader.intake.discover.Source` finds the submissions in what an instructor was given, and a
:class:`~grader.intake.reader.Reader` reads the files of one submission.
"""
