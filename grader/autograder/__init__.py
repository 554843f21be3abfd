"""Grading inside Gradescope: the zip that is uploaded there, and what grades one submission in its container."""
