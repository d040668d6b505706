"""Group robots of WeCom (企业微信) and DingTalk (钉钉), by their documented webhooks.

WeCom: POST {"msgtype": "markdown"|"text", ...}, answer {"errcode": 0}; 45009 is the limit of twenty a minute.
https://developer.work.weixin.qq.com/document/path/91770
DingTalk: the address gets timestamp (ms) and sign = base64(HMAC-SHA256(secret, "timestamp\\nsecret")); 130101 and 410100
say that it was too often, and the robot is silent for ten minutes. https://open.dingtalk.com/document/robots/customize-robot-security-settings
Neither knows a key that would make a repeated message one.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urldefrag

from chuangwen.gateways.calls import Answer, post_json, refuse_failure
from chuangwen.gateways.outgoing import Outgoing, Unsent
from chuangwen.notices.addresses import DINGTALK_HOSTS, WECOM_HOSTS

_TOO_OFTEN = {45009, 45033, 130101, 410100}
_BROKEN = {93000, 310000, 300001, 400101, 40035}  # key or signature are wrong: for a person to put right


def dingtalk_sign(secret: str, timestamp: int) -> str:
    """The signature of a moment, in milliseconds since 1970."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _judge(answer: Answer) -> None:
    refuse_failure(answer)
    facts = answer.facts()
    code = facts.get("errcode")
    if code == 0:
        return
    if code in _TOO_OFTEN:
        raise Unsent("发得太密，机器人要求稍候。", wait=timedelta(minutes=10))
    raise Unsent(f"机器人没有收下（{code}）。", lasting=code in _BROKEN)


def _group(robots: Mapping[str, str], outgoing: Outgoing) -> str:
    address = robots.get(outgoing.address.group)
    if not address:
        raise Unsent(f"单位 {outgoing.address.group} 没有配置机器人。", lasting=True)
    return address


class WeCom:
    """`robots`: code of the unit -> webhook address with its key."""

    def __init__(self, robots: Mapping[str, str]) -> None:
        self.robots = robots

    def send(self, outgoing: Outgoing) -> None:
        """A text of at most 2048 bytes, with its link at the end."""
        words = outgoing.words
        facts: dict[str, Any] = {"msgtype": "text", "text": {"content": f"{words.whole}\n{words.url}"}}
        _judge(post_json(_group(self.robots, outgoing), facts, known=WECOM_HOSTS))


class DingTalk:
    """`robots`: code of the unit -> webhook address; its secret stands behind a # and is never sent."""

    def __init__(self, robots: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        self.robots, self.clock = robots, clock

    def send(self, outgoing: Outgoing) -> None:
        """A markdown message with its link, signed when the robot has a secret."""
        words = outgoing.words
        url, secret = urldefrag(_group(self.robots, outgoing))
        if secret:
            stamp = round(self.clock() * 1000)
            url += f"&timestamp={stamp}&sign={quote_plus(dingtalk_sign(secret, stamp))}"
        body = words.body.replace("\n", "\n\n")
        text = f"#### {words.title}\n\n{body}\n\n[查看]({words.url})"
        facts: dict[str, Any] = {"msgtype": "markdown", "markdown": {"title": words.title, "text": text}}
        _judge(post_json(url, facts, known=DINGTALK_HOSTS))
