"""The WSGI application; with the worker inside when the start says so."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuangwen.project.settings")
application = get_wsgi_application()

if os.environ.get("CHUANGWEN_WORKER_INSIDE") == "1":
    from chuangwen.jobs.loops import start_inside

    start_inside()
