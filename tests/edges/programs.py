"""A program that acts for a person of the small district, by key."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.people.operations import issue_token
from tests.world import NOW, World, picture


@dataclass
class Program:
    """Sends JSON with the key of one person; keeps the last answer whole."""

    key: str
    client: Client = field(default_factory=Client)

    @property
    def headers(self) -> dict[str, str]:
        """The key as the interface wants it."""
        return {"Authorization": f"Bearer {self.key}"}

    def get(self, path: str, **query: object) -> Any:
        """GET /api/<path>."""
        return self.client.get(
            f"/api/{path}", {name: str(value) for name, value in query.items()}, headers=self.headers
        )

    def post(self, path: str, **body: object) -> Any:
        """POST /api/<path> with a JSON body."""
        return self.client.post(f"/api/{path}", body, content_type="application/json", headers=self.headers)

    def send_photo(self, data: bytes) -> Any:
        """POST /api/photos, as a form with a file."""
        upload = SimpleUploadedFile("a.jpg", data, content_type="image/jpeg")
        return self.client.post("/api/photos", {"photo": upload}, headers=self.headers)

    def photo_id(self, colour: str = "grey") -> int:
        """A picture that this program sent."""
        return int(self.send_photo(picture(colour)).json()["id"])


def program(world: World, username: str) -> Program:
    """A program with a fresh key of this person."""
    return Program(issue_token(name="测试程序", by=world.actor(username), now=NOW))


def objections(answer: Any) -> list[str]:
    """The sentences of a refusal; fails when it is none."""

    said = json.loads(answer.content)["objections"]
    assert said
    assert all(isinstance(sentence, str) and sentence.endswith("。") for sentence in said)
    return list(said)
