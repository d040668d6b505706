"""All settings, read from the environment, with safe defaults. `docs/settings.md` lists them."""

import os
from datetime import time
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

PACKAGE = Path(__file__).resolve().parent.parent


def _env(name: str, default: str = "") -> str:
    return os.environ.get(f"CHUANGWEN_{name}", default)


def _env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in _env(name, default).split(",") if part.strip()]


# Where this installation keeps its database, photos and secret.
DATA_DIR = Path(_env("DATA", "var/data")).resolve()
DEBUG = _env("DEBUG") == "1"
DEFAULT_SECRET_KEY = "not-a-secret-refused-in-production"  # named so that a production start can refuse it


def _secret_key() -> str:
    stored = DATA_DIR / "secret_key"
    if _env("SECRET_KEY"):
        return _env("SECRET_KEY")
    return stored.read_text(encoding="utf-8").strip() if stored.is_file() else DEFAULT_SECRET_KEY


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = _env_list("SECRET_KEY_OLD")
ALLOWED_HOSTS = _env_list("HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = _env_list("TRUSTED_ORIGINS")
BEHIND_HTTPS = _env("HTTPS") == "1"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ninja",  # only for the files of the page /api/docs
    "chuangwen.journal",
    "chuangwen.people",
    "chuangwen.burden",
    "chuangwen.places",
    "chuangwen.standards",
    "chuangwen.notices",
    "chuangwen.evidence",
    "chuangwen.cases",
    "chuangwen.patrols",
    "chuangwen.routing",
    "chuangwen.triage",
    "chuangwen.rechecks",
    "chuangwen.mocks",
    "chuangwen.campaigns",
    "chuangwen.supervision",
    "chuangwen.directives",
    "chuangwen.declarations",
    "chuangwen.whistles",
    "chuangwen.surveys",
    "chuangwen.intake",
    "chuangwen.replies",
    "chuangwen.submissions",
    "chuangwen.appeals",
    "chuangwen.opendata",
    "chuangwen.publicity",
    "chuangwen.scores",
    "chuangwen.forecasts",
    "chuangwen.accountability",
    "chuangwen.bulletins",
    "chuangwen.planning",
    "chuangwen.web",
    "chuangwen.project",  # only for its `migrate`
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chuangwen.http.CompressText",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chuangwen.http.ChineseFirst",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chuangwen.http.ContentSecurityPolicy",
    "chuangwen.http.RefusalsBecomePages",
]

ROOT_URLCONF = "chuangwen.project.urls"
WSGI_APPLICATION = "chuangwen.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["chuangwen.notices.backend.Backend"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "components" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "chuangwen.web.frame.frame",
            ],
        },
    },
]

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728; "
    "PRAGMA journal_size_limit=27103364; PRAGMA cache_size=-20000; PRAGMA temp_store=MEMORY;"
)


def _sqlite() -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "chuangwen.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
    }


def _postgresql(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    pool = int(_env("DB_POOL", "8"))
    options: dict[str, object] = {"pool": {"min_size": 1, "max_size": pool}} if pool else {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(query.get("port", parts.port or "")),
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
    }


DATABASE_URL = _env("DATABASE_URL")
DATABASES = {"default": _postgresql(DATABASE_URL) if DATABASE_URL else _sqlite()}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/desk/"
LOCKOUT_FAILURES = 5
LOCKOUT_MINUTES = 15

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# Office hours of a working day, for limits in working hours and working days.
OFFICE_HOURS = tuple(
    (time.fromisoformat(opens), time.fromisoformat(closes))
    for opens, closes in (span.split("-") for span in _env_list("OFFICE_HOURS", "08:00-12:00,14:00-18:00"))
)

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files", "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PHOTO_MAX_BYTES = 15 * 1024 * 1024
# All of one upload: a filled form with its pictures, or any body sent without a length.
UPLOAD_MAX_BYTES = int(_env("UPLOAD_MAX_MB", "60")) * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

# {z}/{x}/{y} address of a tile server inside the office's own network; empty: boundaries only.
MAP_TILE_URL = _env("MAP_TILE_URL")
TRAVEL_URL = _env("TRAVEL_URL")  # the table service of an OSRM server of the office
MAP_TILE_ATTRIBUTION = _env("MAP_TILE_ATTRIBUTION")
# The office's own licensed faces for PDF papers, beside those that the machine has.
FONT_FOLDER = _env("FONTS")
SITE_URL = _env("SITE_URL", "http://127.0.0.1:8000")
RESIDENT_REPORTS_PER_HOUR = int(_env("RESIDENT_REPORTS_PER_HOUR", "20"))


def _robots(listed: list[str]) -> dict[str, str]:
    """Code of a unit=webhook address, with commas between."""
    return {code.strip(): url.strip() for code, _, url in (part.partition("=") for part in listed) if url}


# Ways out of the building. Each is quiet until it is set up.
WECOM_ROBOTS = _robots(_env_list("WECOM_ROBOTS"))
DINGTALK_ROBOTS = _robots(_env_list("DINGTALK_ROBOTS"))
SMS_URL = _env("SMS_URL")
SMS_SECRET = _env("SMS_SECRET")
VAPID_PRIVATE_KEY = _env("VAPID_PRIVATE_KEY")
VAPID_PUBLIC_KEY = _env("VAPID_PUBLIC_KEY")
VAPID_CONTACT = _env("VAPID_CONTACT")
EMAIL_HOST = _env("EMAIL_HOST")
EMAIL_PORT = int(_env("EMAIL_PORT", "465"))
EMAIL_HOST_USER = _env("EMAIL_USER")
EMAIL_HOST_PASSWORD = _env("EMAIL_PASSWORD")
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_USE_TLS = EMAIL_PORT == 587
DEFAULT_FROM_EMAIL = _env("EMAIL_FROM", "chuangwen@localhost")
NOTICE_HOSTS = frozenset(_env_list("NOTICE_HOSTS"))
NOTICE_TIMEOUT = float(_env("NOTICE_TIMEOUT", "8"))  # seconds
EMAIL_TIMEOUT = NOTICE_TIMEOUT

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
PERSON_COOKIE_NAME = "cw_person"  # the number of whoever is logged in, for the phone's scripts; it opens nothing
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEHIND_HTTPS
CSRF_COOKIE_SECURE = BEHIND_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
X_FRAME_OPTIONS = "DENY"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
