"""Which channels this installation has. Addresses with their secrets stay in the settings; here only whether there is one."""

from collections.abc import Sequence

from django.conf import settings

from chuangwen.rules.notices import Channel


def live() -> frozenset[Channel]:
    """The channels that are set up. Nothing is planned for the others; what waits for one waits until it is back."""
    given = {
        Channel.EMAIL: settings.EMAIL_HOST,
        Channel.SMS: settings.SMS_URL,
        Channel.PUSH: settings.VAPID_PRIVATE_KEY and settings.VAPID_PUBLIC_KEY and settings.VAPID_CONTACT,
        Channel.WECOM: settings.WECOM_ROBOTS,
        Channel.DINGTALK: settings.DINGTALK_ROBOTS,
    }
    return frozenset(channel for channel, value in given.items() if value)


def robots_of(path: str) -> Sequence[tuple[Channel, str]]:
    """The robots that speak to a unit: of each kind that of the unit, or of the nearest unit above it that has one."""
    found = []
    for channel, robots in ((Channel.WECOM, settings.WECOM_ROBOTS), (Channel.DINGTALK, settings.DINGTALK_ROBOTS)):
        code = next((code for code in reversed(path.strip("/").split("/")) if code in robots), None)
        if code is not None:
            found.append((channel, code))
    return found
