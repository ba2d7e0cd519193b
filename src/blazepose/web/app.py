"""The application: a page, its files, and a socket. A visitor's words never become a path."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib import resources

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from blazepose.web.guard import Guard, SecurityHeaders
from blazepose.web.options import Options
from blazepose.web.protocol import REFUSED
from blazepose.web.session import OpenSession, TrackingSession
from blazepose.web.visitors import Visitors

_PAGE = "index.html"
_KINDS = {
    _PAGE: "text/html",
    "style.css": "text/css",
    "icon.svg": "image/svg+xml",
    "app.js": "text/javascript",
    "encoder.js": "text/javascript",
    "figure.js": "text/javascript",
    "link.js": "text/javascript",
    "overlay.js": "text/javascript",
    "panel.js": "text/javascript",
    "pictures.js": "text/javascript",
}


def create_app(
    options: Options, *, guard: Guard | None = None, open_session: OpenSession | None = None
) -> Starlette:
    """The live page as an ASGI application.

    Args:
        options: what is served.
        guard: whom to let in; None: whoever is on this machine.
        open_session: makes what a visitor has of its own; None: a tracker and a counter.

    Returns:
        The application; the visitors who are here stand in its `state.visitors`.
    """
    guard = guard or Guard()
    open_session = open_session or partial(TrackingSession, options)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.visitors = Visitors(open_session, limits=options.limits)
        yield
        app.state.visitors.close()

    return Starlette(
        routes=[*_pages(guard), WebSocketRoute("/live", partial(_live, guard=guard))],
        middleware=[Middleware(SecurityHeaders)],
        lifespan=lifespan,
    )


def _pages(guard: Guard) -> list[Route]:
    """A route for each packaged file; the page itself asks for the token."""
    folder = resources.files("blazepose.web") / "static"
    contents = {name: (folder / name).read_bytes() for name in _KINDS}

    async def page(request: Request) -> Response:
        if not guard.admits(request):
            return PlainTextResponse("open the address that the server printed\n", 403)
        return Response(contents[_PAGE], media_type=_KINDS[_PAGE])

    async def file(request: Request, *, name: str) -> Response:
        return Response(contents[name], media_type=_KINDS[name])

    others = [name for name in _KINDS if name != _PAGE]
    return [Route("/", page), *(Route(f"/{name}", partial(file, name=name)) for name in others)]


async def _live(socket: WebSocket, *, guard: Guard) -> None:
    if guard.admits_socket(socket):
        await socket.app.state.visitors.receive(socket)
    else:
        await socket.close(REFUSED)  # before it is accepted, so the browser sees a 403
