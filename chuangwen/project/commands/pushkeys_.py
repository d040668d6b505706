"""`chuangwen pushkeys`: a pair of VAPID keys for pushes to telephones, as lines for the settings."""

import base64

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.refusals import Refused


@click.command(help="生成手机推送的一对密钥，印成设置里的三行（私钥请妥善保存）。")
@click.option("--contact", required=True, help="推送服务联系您的邮箱，例如 wmb@example.gov.cn")
@objections_exit_2
def command(contact: str) -> None:
    """Print the settings; nothing is stored."""
    if contact.count("@") != 1 or " " in contact:
        raise Refused("邮箱看不懂，请写成 wmb@example.gov.cn 的样子。")
    try:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    except ImportError:
        raise Refused("手机推送要另装：pip install 'chuangwen[push]'。") from None
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    click.echo(f"CHUANGWEN_VAPID_PRIVATE_KEY={_text(key.private_numbers().private_value.to_bytes(32, 'big'))}")
    click.echo(f"CHUANGWEN_VAPID_PUBLIC_KEY={_text(public)}")
    click.echo(f"CHUANGWEN_VAPID_CONTACT=mailto:{contact}")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
