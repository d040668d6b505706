"""The files that a phone keeps, so that its pages open without a network."""

WORKER = "app/field/worker.js"
SCRIPTS = (
    "answers", "app", "asking", "background", "checklist", "conditions", "exif", "forms", "items", "making", "moments", "pack",
    "person", "photos", "pictures", "position", "questions", "queue", "relevance", "second", "sender", "standards",
    "store", "views", "waiting",
)  # fmt: skip
MODULES = ("vendor/idb/index.js", "app/words.js", *(f"app/field/{name}.js" for name in SCRIPTS))
ASSETS = (
    "vendor/tabler/tabler.min.css", "app/app.css", "app/field.css", "app/theme.js", "app/app.js", *MODULES,
    "vendor/tabler-icons/sprite.svg", "app/favicon.svg", "app/icon-192.png",
)  # fmt: skip
