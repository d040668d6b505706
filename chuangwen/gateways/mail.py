"""E-mail over the server that the settings name."""

import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.message import BadHeaderError

from chuangwen.gateways.outgoing import Outgoing, Unsent


class Mail:
    """One message a letter; its Message-ID is its key, so that a mail server can tell a repeated one."""

    def send(self, outgoing: Outgoing) -> None:
        """Hand the letter to the mail server."""
        words, domain = outgoing.words, settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "chuangwen"
        letter = EmailMessage(
            subject=f"【创文】{words.title}", body=f"{words.body}\n\n查看：{words.url}\n", to=[outgoing.address.email],
            headers={"Message-ID": f"<{outgoing.key}@{domain}>", "Auto-Submitted": "auto-generated", **outgoing.headers},
        )  # fmt: skip
        try:
            letter.send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise Unsent("邮件服务器不收这个收件人。", lasting=all(code >= 500 for code in codes)) from None
        except smtplib.SMTPAuthenticationError:
            raise Unsent("邮件服务器不认账号或密码。", wait=timedelta(minutes=10), whole=True) from None
        except BadHeaderError:
            raise Unsent("邮件的标题或地址里有不允许的字符。", lasting=True) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unsent(
                f"邮件服务器没有收下（{type(error).__name__}）。", wait=timedelta(minutes=1), whole=True
            ) from None
