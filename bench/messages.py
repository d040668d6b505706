"""How long all residents' letters take to become cases with their real times, and how long the same file takes again.

    .venv/bin/python bench/messages.py [--file PATH]

Without `--file` the letters of the shared data; where they are absent it says so. The second import of the same file has
to make nothing, and is printed as a share of the first. In a temporary folder; one process.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]


def main() -> None:
    """Print the figures."""
    from tests.paths import SHARED_DATA

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=SHARED_DATA / "messages" / "replied.csv.gz")
    file: Path = parser.parse_args().file
    if not file.exists():
        print(f"没有 {file}，这一项没有量。")
        return
    with tempfile.TemporaryDirectory(prefix="chuangwen-bench-") as folder:
        os.environ |= {"CHUANGWEN_DATA": folder, "CHUANGWEN_DATABASE_URL": ""}
        from chuangwen.project import boot, serving

        boot.setup()
        serving.migrate()
        from chuangwen.cases.message_files import read_messages
        from chuangwen.cases.messages import import_messages, routing
        from chuangwen.people.operations import put_unit
        from chuangwen.rules.permissions import SYSTEM

        now = datetime.now(UTC)
        put_unit(code="CC", name="崇川区", kind="district", by=SYSTEM, now=now)
        letters = read_messages(file.read_bytes(), now=now).messages
        spent = []
        for _time in range(2):
            began = time.perf_counter()
            report = import_messages(messages=letters, route=routing(home_code="CC"), by=SYSTEM, now=now)
            spent.append(time.perf_counter() - began)
            print(f"新建 {report.created} 件，已有 {report.already_there} 件：{spent[-1]:.1f} 秒")
        print(f"每件来信 {spent[0] / len(letters) * 1000:.1f} 毫秒；再导一次用时是第一次的 {spent[1] / spent[0]:.1%}")


if __name__ == "__main__":
    main()
