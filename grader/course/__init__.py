"""The course on disk: its parts, their settings, stubs and fixture data. Everything here is found by path."""
