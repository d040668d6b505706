"""Uploads of unknown length. A client may send `Transfer-Encoding: chunked` and no Content-Length (RFC 9112, 7.1);
OpenRosa says that servers must take it, and Django reads such a body as empty. So it is read here first, to memory or
a temporary file, and handed on with its length. Other requests pass untouched.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any

Answer = tuple[int, str, bytes]  # status, content type, body
Refuse = Callable[[str, int], Answer]  # path, status (411 or 413)
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

IN_MEMORY = 1024 * 1024
PIECE = 64 * 1024
LEFT = -1
PATIENCE = 4  # so many times the limit is read and thrown away: who is cut off while sending never hears why
_REASONS = {411: "411 Length Required", 413: "413 Content Too Large"}


def _spool() -> "SpooledTemporaryFile[bytes]":
    return SpooledTemporaryFile(max_size=IN_MEMORY)


def _is_chunked(header: str) -> bool:
    return "chunked" in header.lower()


class ChunkedBodies:
    """WSGI: the body of a chunked request gets a length. `refuse` words the answer to one that is too long (413), or
    to one that this server hands over undecoded and without an end (411: it does not set `wsgi.input_terminated`).
    """

    def __init__(self, app: App, *, limit: int, refuse: Refuse) -> None:
        self.app, self.limit, self.refuse = app, limit, refuse

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not _is_chunked(environ.get("HTTP_TRANSFER_ENCODING", "")):
            return self.app(environ, start_response)
        if not environ.get("wsgi.input_terminated"):
            return self._refused(411, environ, start_response)
        return self._buffered(environ, start_response)

    def _refused(self, status: int, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        _, content_type, body = self.refuse(environ.get("PATH_INFO", ""), status)
        start_response(_REASONS[status], [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [body]

    def _buffered(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = _spool()
        size = _copy(environ["wsgi.input"], body, self.limit)
        if size is None:
            body.close()
            return self._refused(413, environ, start_response)
        body.seek(0)
        environ.pop("HTTP_TRANSFER_ENCODING")
        environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(size)}
        # Called now, not at the first piece: granian looks at the status before it asks for any.
        return _Ending(self.app(environ, start_response), body)


class _Ending:
    """An answer that closes the request's body when it is done."""

    def __init__(self, answer: Iterable[bytes], body: IO[bytes]) -> None:
        self.answer, self.body = answer, body

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.answer)

    def close(self) -> None:
        """The server has sent everything, or gave up."""
        self.body.close()
        getattr(self.answer, "close", lambda: None)()


def _copy(source: IO[bytes], target: IO[bytes], limit: int) -> int | None:
    """All of the source into the target; its length, None when it is over the limit."""
    size = 0
    while size <= PATIENCE * limit and (piece := source.read(PIECE)):
        size += len(piece)
        if size <= limit:
            target.write(piece)
    return size if size <= limit else None


class ChunkedBodiesAsync:
    """The same for ASGI. ASGI servers decode the chunks themselves, so nothing has to be refused for that."""

    def __init__(self, app: AsgiApp, *, limit: int, refuse: Refuse) -> None:
        self.app, self.limit, self.refuse = app, limit, refuse

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = list(scope.get("headers", ()))
        if scope["type"] != "http" or not any(
            k == b"transfer-encoding" and _is_chunked(v.decode()) for k, v in headers
        ):
            await self.app(scope, receive, send)
            return
        with _spool() as body:
            size = await self._read(receive, body)
            if size is None:
                await self._refused(scope, send)
            if size is None or size == LEFT:
                return
            body.seek(0)
            kept = [(name, value) for name, value in headers if name not in {b"transfer-encoding", b"content-length"}]
            known = {**scope, "headers": [*kept, (b"content-length", str(size).encode())]}
            await self.app(known, _replay(body, receive), send)

    async def _read(self, receive: Receive, body: IO[bytes]) -> int | None:
        """The length of the body; None when it is over the limit, LEFT when the client went away before its end."""
        size, more = 0, True
        while more and size <= PATIENCE * self.limit:
            message = await receive()
            if message["type"] != "http.request":
                return LEFT
            piece = message.get("body", b"")
            size += len(piece)
            if size <= self.limit:
                body.write(piece)
            more = message.get("more_body", False)
        return size if size <= self.limit else None

    async def _refused(self, scope: dict[str, Any], send: Send) -> None:
        status, content_type, body = self.refuse(scope.get("path", ""), 413)
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _replay(body: IO[bytes], receive: Receive) -> Receive:
    """What the application receives: the body piece by piece, then whatever the server says (that the client left)."""
    done = False

    async def next_message() -> Message:
        nonlocal done
        if done:
            return await receive()
        piece = body.read(PIECE)
        done = len(piece) < PIECE
        return {"type": "http.request", "body": piece, "more_body": not done}

    return next_message
