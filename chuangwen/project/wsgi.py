"""The WSGI application; with the worker inside when the start says so."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuangwen.project.settings")
_django = get_wsgi_application()


def _application() -> object:
    from django.conf import settings

    from chuangwen.api.openrosa.answers import refused_body
    from chuangwen.project.chunked import ChunkedBodies

    return ChunkedBodies(_django, limit=settings.UPLOAD_MAX_BYTES, refuse=refused_body)


application = _application()

if os.environ.get("CHUANGWEN_WORKER_INSIDE") == "1":
    from chuangwen.jobs.loops import start_inside

    start_inside()
