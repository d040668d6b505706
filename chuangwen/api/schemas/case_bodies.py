"""What a report, a move, a note and an extension of a case are given."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from chuangwen.api.schemas.common import Body, ClientKey, LatIn, LngIn, PhotoIds, RowId, Text, Word


class CaseReport(Body):
    """A new case. Where: a site, or a position inside a grid, or the unit at home there."""

    title: Annotated[Word, Field(min_length=1)]
    text: Text = ""
    site_id: RowId | None = None
    lng: LngIn | None = None
    lat: LatIn | None = None
    home: Word = Field("", description="属地单位编码")
    place: Word = ""
    severity: Literal["V", "A", "B", "C"] = "B"
    criterion_code: Annotated[Word, Field(max_length=20)] = ""
    standard: Word = Field("", description="立案标准编码")
    photo_ids: PhotoIds = ()
    client_key: ClientKey = None


class Submission(Body):
    """What every move can be given: a key against double sending, and the version the person saw."""

    client_key: ClientKey = None
    seen_version: RowId | None = Field(None, description="看到的修订号；其间有人改过则答复 409")


class Plain(Submission):
    """Nothing more."""


class Acceptance(Submission):
    """By which standard it is a case."""

    standard_id: RowId | None = None


class Reasoned(Submission):
    """Why."""

    reason: Text


class Noted(Submission):
    """A word with it, if any."""

    note: Text = ""


class HandOver(Noted):
    """To which unit."""

    unit: Word = Field(description="责任单位编码")


class Rectification(Submission):
    """What was done, with pictures, and the answer to whoever reported it."""

    note: Text
    reply: Text = ""
    photo_ids: PhotoIds = ()


class Verification(Noted):
    """What was seen."""

    photo_ids: PhotoIds = ()


class Rejection(Reasoned):
    """What is still wrong."""

    photo_ids: PhotoIds = ()


class Suspension(Reasoned):
    """Why, and until when; at most a year."""

    until: AwareDatetime


class NoteIn(Body):
    """A word for everybody who sees the case."""

    note: Text
    client_key: ClientKey = None


class ExtensionAsk(Body):
    """Why the time is not enough."""

    reason: Annotated[Text, Field(max_length=500)]
    client_key: ClientKey = None


class ExtensionDecision(Body):
    """Granted or not; a refusal needs a reason."""

    granted: bool
    reason: Annotated[Text, Field(max_length=500)] = ""
    client_key: ClientKey = None
