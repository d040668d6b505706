"""通知 on the phone."""

from chuangwen.web.inbox import pages

urls = pages("field")
