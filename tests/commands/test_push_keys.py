"""`chuangwen pushkeys`: the keys that telephones and the gateway for pushes take."""

import base64

from click.testing import CliRunner
from py_vapid import Vapid02

from chuangwen.project.commands.pushkeys_ import command


def test_the_private_key_fits_the_public_one() -> None:
    result = CliRunner().invoke(command, ["--contact", "wmb@example.gov.cn"])
    assert result.exit_code == 0
    found = dict(line.split("=", 1) for line in result.output.splitlines())
    assert found["CHUANGWEN_VAPID_CONTACT"] == "mailto:wmb@example.gov.cn"
    signed = Vapid02.from_string(found["CHUANGWEN_VAPID_PRIVATE_KEY"]).sign(
        {"aud": "https://push.example", "sub": found["CHUANGWEN_VAPID_CONTACT"], "exp": 1}
    )
    assert signed["Authorization"].endswith(f"k={found['CHUANGWEN_VAPID_PUBLIC_KEY']}")
    assert len(base64.urlsafe_b64decode(found["CHUANGWEN_VAPID_PUBLIC_KEY"] + "=")) == 65


def test_an_address_that_nobody_can_write_to_is_refused() -> None:
    result = CliRunner().invoke(command, ["--contact", "somebody"])
    assert result.exit_code == 2
    assert "邮箱看不懂" in result.output
