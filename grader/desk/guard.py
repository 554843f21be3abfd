"""Let only this desk's own pages speak with it: the right address, the right token, no other site, no large request."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, a browser would hide the origin of our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_LOST = "This address lacks the desk's token, or has an old one. Open the whole address that `grader mark` printed.\n"


@dataclass(frozen=True, slots=True)
class Guard:
    """Passes on requests to ``host`` (``127.0.0.1:PORT``) whose path begins with the token; refuses all others."""

    app: ASGIApp
    token: str
    host: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # a desk has no web sockets
            return
        refused = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        app = self.app if refused is None else PlainTextResponse(refused, 403)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await app(scope, receive, send_with_headers)

    def _refusal(self, method: str, path: str, headers: Headers) -> str | None:
        """Return why a request is refused; None if it is not."""
        if headers.get("host") != self.host:  # a name of somebody else's that leads to this machine
            return f"The desk answers only at http://{self.host}.\n"
        if not hmac.compare_digest(path.removeprefix("/").partition("/")[0].encode(), self.token.encode()):
            return _LOST
        if headers.get("origin", f"http://{self.host}") != f"http://{self.host}":
            return "Another site sent this request.\n"
        if method not in {"GET", "HEAD"} and headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return "Another site sent this request.\n"
        return None
