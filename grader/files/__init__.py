"""Two safe ways to write a file: whole or not at all, and line by line."""
