"""Run a page of docs/ as a reader does: write its files and run its commands, in the order of the page."""

import re
import shlex
import signal
import subprocess
import urllib.request
from pathlib import Path

from markdown_it import MarkdownIt

DOCS = Path(__file__).resolve().parents[1] / "docs"
STAYS_OPEN = re.compile(r"grader mark |--watch")  # a person ends these with Ctrl-C


def steps(page):
    """Yield what the page asks for: (path, text) of a file, or ("", command)."""
    for token in MarkdownIt("commonmark").parse((DOCS / page).read_text()):
        title = re.search(r'title="([^"]+)"', token.info) if token.type == "fence" else None
        if title:
            yield title[1], token.content
        elif token.type == "fence" and token.info == "sh":
            yield from (("", line.partition("  #")[0].strip()) for line in token.content.splitlines() if line.strip())


class Reader:
    """Somebody in a folder who follows a page; ``said`` is what each command printed."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.said = {}

    def follow(self, page, ends=None, meanwhile=None):
        """Do what the page says. Commands exit with 0 or as ``ends`` says; ``meanwhile`` has what to do after one."""
        for path, text in steps(page):
            if path:
                file = self.folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            elif text.startswith("cd "):
                self.folder /= text.removeprefix("cd ")
            elif not text.startswith("pip install"):
                self._run(text, (ends or {}).get(text, 0))
                (meanwhile or {}).get(text, lambda: None)()

    def _run(self, command, code):
        if STAYS_OPEN.search(command):
            self.said[command] = self._opened(command)
            return
        done = subprocess.run(
            ["bash", "-ec", command], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        self.said[command] = done.stdout + done.stderr
        assert done.returncode == code, f"{command}\n{self.said[command]}"

    def _opened(self, command):
        """Start a command, wait until it says that it waits, and end it as Ctrl-C does."""
        words = shlex.split(command) + (["--no-browser"] if " mark " in command else [])
        with subprocess.Popen(
            words, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            said = ""
            try:
                for line in process.stdout:
                    said += line
                    if "Ctrl-C" in line:
                        break
                if address := re.search(r"http://\S+", said):
                    assert urllib.request.urlopen(address[0]).status == 200
                process.send_signal(signal.SIGINT)
                return said + process.stdout.read()
            finally:
                process.kill()
