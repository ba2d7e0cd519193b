"""Server: the application on a port, until it is told to stop."""

from __future__ import annotations

import secrets
import socket
from types import TracebackType
from urllib.parse import urlencode

import uvicorn

from blazepose.errors import OutputError
from blazepose.web.app import create_app
from blazepose.web.guard import TOKEN, Guard, is_loopback
from blazepose.web.options import Options
from blazepose.web.protocol import HEADER
from blazepose.web.visitors import Visitors

_TOKEN_BYTES = 24
_EVERYWHERE = ("0.0.0.0", "::")  # addresses to listen on that cannot be opened in a browser
_PATIENCE_S = 10  # for visitors to be told that it ends, and for networks that are being loaded


class Server:
    """The live page on an address, open from the start of a `with` block to its end.

    Attributes:
        url: of the page, with the token if there is one.
    """

    def __init__(self, options: Options, *, host: str = "127.0.0.1", port: int = 8765) -> None:
        """Take the port.

        Args:
            options: what is served.
            host: address to listen on; one that others can reach gets a random token.
            port: 0 takes a free one.

        Raises:
            OutputError: the address cannot be listened on.
        """
        token = "" if is_loopback(host) else secrets.token_urlsafe(_TOKEN_BYTES)
        self._socket = _listen(host, port)
        self.url = _url(host, self._socket.getsockname()[1], token)
        self._app = create_app(options, guard=Guard(token))
        config = uvicorn.Config(
            self._app,
            ws="websockets-sansio",
            ws_max_size=HEADER.size + options.limits.frame_bytes,
            ws_per_message_deflate=False,  # pictures do not shrink, and bombs would grow
            log_config=None,
            log_level="warning",
            access_log=False,  # addresses hold the token
            server_header=False,
            timeout_graceful_shutdown=_PATIENCE_S,
        )
        self._server = uvicorn.Server(config)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the port back."""
        self._socket.close()

    @property
    def seated(self) -> int:
        """How many visitors there are; only while it runs."""
        visitors: Visitors = self._app.state.visitors
        return visitors.seated

    def run(self) -> None:
        """Serve until `stop`, or Ctrl-C, which is raised as KeyboardInterrupt afterwards."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Tell the server, from any thread, to say goodbye to its visitors and end."""
        self._server.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"cannot serve on {host} port {port} ({reason}): choose another --host or --port"
        ) from error


def _url(host: str, port: int, token: str) -> str:
    if host in _EVERYWHERE:
        host = socket.gethostname()
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/" + (f"?{urlencode({TOKEN: token})}" if token else "")
