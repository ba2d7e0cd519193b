"""Guard: who may talk to the server, and what every answer tells browsers not to do."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = "token"  # name of the query parameter
HEADERS = {
    # A clip from the visitor's disk is played through a blob: address.
    "Content-Security-Policy": (
        "default-src 'self'; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=()",
    "Referrer-Policy": "no-referrer",  # the address may hold the token
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Guard:
    """Whom to let in.

    Attributes:
        token: that page and socket must be asked with; "" where the machine itself is the fence.
    """

    token: str = ""

    def admits(self, connection: HTTPConnection) -> bool:
        """Whether a request comes from somebody who may ask.

        Without a token the request must name this machine, so that a foreign page cannot reach the
        server under a name of its own (DNS rebinding).
        """
        if not self.token:
            return is_loopback(_host_name(connection.headers.get("host", "")))
        given = connection.query_params.get(TOKEN, "")
        return hmac.compare_digest(given.encode(), self.token.encode())

    def admits_socket(self, connection: HTTPConnection) -> bool:
        """Whether a socket is opened by our own page and by nobody else's."""
        host, origin = (connection.headers.get(name, "") for name in ("host", "origin"))
        return origin in (f"http://{host}", f"https://{host}") and self.admits(connection)


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own and can be reached from it alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class SecurityHeaders:
    """Middleware that adds `HEADERS` to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _host_name(host: str) -> str:
    """The name in a Host header, without port and brackets; "" for nonsense."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
