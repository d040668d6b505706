"""The ASGI application, for servers of that kind (uvicorn). `chuangwen serve` uses WSGI; the worker runs apart here."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuangwen.project.settings")
_django = get_asgi_application()


def _application() -> object:
    from django.conf import settings

    from chuangwen.api.openrosa.answers import refused_body
    from chuangwen.project.chunked import ChunkedBodiesAsync

    return ChunkedBodiesAsync(_django, limit=settings.UPLOAD_MAX_BYTES, refuse=refused_body)


application = _application()
