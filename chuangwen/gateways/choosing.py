"""The gateway of each channel, as the settings have it; the quiet one where nothing is set up."""

from django.conf import settings

from chuangwen.gateways.mail import Mail
from chuangwen.gateways.outgoing import Gateway
from chuangwen.gateways.push import WebPush
from chuangwen.gateways.quiet import Quiet
from chuangwen.gateways.robots import DingTalk, WeCom
from chuangwen.gateways.sms import HttpSms
from chuangwen.notices.channels import live
from chuangwen.rules.notices import Channel


def gateway_for(channel: Channel) -> Gateway:
    """The way out for this channel."""
    if channel not in live():
        return Quiet(channel)
    if channel is Channel.EMAIL:
        return Mail()
    if channel is Channel.SMS:
        return HttpSms(settings.SMS_URL, settings.SMS_SECRET)
    if channel is Channel.PUSH:
        return WebPush(settings.VAPID_PRIVATE_KEY, settings.VAPID_CONTACT)
    if channel is Channel.WECOM:
        return WeCom(settings.WECOM_ROBOTS)
    return DingTalk(settings.DINGTALK_ROBOTS)
