"""The door to the photos of the findings behind a line."""

from chuangwen.evidence.models import Photo
from chuangwen.patrols.models import FindingPhoto
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound
from chuangwen.scores.models import ScoreLine
from chuangwen.scores.queries import sheet_for
from chuangwen.scores.reach import opens_basis


def basis_photo_for(actor: Actor, sheet_id: int, unit_id: int, photo_id: int) -> Photo:
    """A photo of a finding that a line rests on, for whoever may open the line's basis."""
    sheet = sheet_for(actor, sheet_id)
    line = ScoreLine.objects.filter(sheet=sheet, unit_id=unit_id).select_related("unit").first()
    if line is None or not opens_basis(actor, line.unit):
        raise NotFound
    known = set(line.basis.get("field", {}).get("findings", []))
    for row in FindingPhoto.objects.filter(photo_id=photo_id).select_related("photo"):
        if row.finding_id in known:
            return row.photo
    raise NotFound
