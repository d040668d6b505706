"""Where nothing is set up nothing leaves the building, and the log says no more than that."""

import logging

from chuangwen.gateways.outgoing import Outgoing, Unsent
from chuangwen.rules.notices import Channel

log = logging.getLogger(__name__)


class Quiet:
    """Sends nothing and claims nothing: the message waits until its channel is set up."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def send(self, outgoing: Outgoing) -> None:
        """Says that this channel is not set up."""
        log.info("message %s stays: %s is not set up", outgoing.key, self.channel.value)
        raise Unsent(f"{self.channel.label}没有接通。")
