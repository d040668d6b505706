"""Where the matter of a notice is found. A new kind of matter adds its lines here."""

from django.urls import reverse

DESK = {
    "case": "web:desk:case",
    "order": "web:desk:order",
    "campaign": "web:desk:campaign",
    "supervision": "web:desk:supervision-task",
    "remark": "web:desk:supervision-remark",
    "whistle": "web:desk:whistle",
    "directive_item": "web:desk:directive-item",
    "declaration": "web:desk:declaration",
    "recheck": "web:field:recheck",  # a second look is made on the spot, with the phone
}
FIELD = {**DESK, "case": "web:field:case"}


def matter_url(audience: str, kind: str, number: int) -> str:
    """The page of a matter for the desk or the phone; the inbox where there is none."""
    route = (FIELD if audience == "field" else DESK).get(kind)
    return reverse(route, args=[number]) if route else reverse(f"web:{audience}:notices")
