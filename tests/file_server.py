"""A real HTTP server on localhost that knows byte ranges, and that breaks off where a test says so."""

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer(ThreadingHTTPServer):
    """Serves `files`, path to bytes. `asked` gathers (path, Range header or None) of every request."""

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.asked = []
        self.break_off_after = []  # for the next answers, in turn: how many bytes are sent before the line breaks
        self.knows_ranges = True

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers["Range"]
        self.server.asked.append((self.path, asked))
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and self.server.knows_ranges else 0
        if start and start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        sent = self.server.break_off_after.pop(0) if self.server.break_off_after else len(content)
        self.wfile.write(content[start : start + sent])

    def log_message(self, *_args):
        pass


@contextmanager
def serving(files):
    """The server, running in a thread of its own."""
    with FileServer(files) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
