"""What every gateway takes, and how it says that it could not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from chuangwen.notices.outbox import Address
from chuangwen.rules.notices import Words


@dataclass(frozen=True)
class Outgoing:
    """One message. `key` is the same whenever it is sent again: a channel that knows such keys tells it only once."""

    key: str
    address: Address
    words: Words
    urgent: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)  # of a letter, beside its own


class Unsent(Exception):
    """It did not go. `lasting`: trying again cannot help. `wait`: the other side asks for that much patience, with this
    receiver or with everybody (`whole`). `gone`: the address is no more. The reason names neither keys nor people.
    """

    def __init__(
        self,
        reason: str,
        *,
        lasting: bool = False,
        wait: timedelta | None = None,
        whole: bool = False,
        gone: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.lasting, self.wait, self.whole, self.gone = reason, lasting, wait, whole, gone


class Gateway(Protocol):
    """A way out of the building."""

    def send(self, outgoing: Outgoing) -> None:
        """Hand the message over, or raise Unsent."""


class SmsGateway(Gateway, Protocol):
    """A provider of short messages; write one for a provider with an interface of its own and name it in choosing.py."""


class PushGateway(Gateway, Protocol):
    """A sender of Web Push messages (RFC 8030, 8291, 8292)."""
