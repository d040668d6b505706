"""How long the main pages take, on the sample district and on a large one, side by side in one run."""

import argparse
import os
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench" / "lib")]

PAGES = (  # who, what, address
    ("clerk", "我的待办", "/desk/"),
    ("clerk", "案件列表", "/desk/cases/"),
    ("clerk", "案件列表：在办、按期限", "/desk/cases/?state=open&sort=due"),
    ("clerk", "案件列表：文字+街道", "/desk/cases/?q=楼道&street=CC-XUETIAN"),
    ("clerk", "案件列表：超期", "/desk/cases/?late=ever"),
    ("xuetian_chief", "街道的案件列表", "/desk/cases/"),
    ("xuetian_chief", "街道待办", "/desk/"),
    ("leader", "总览", "/desk/dashboard/"),
    ("leader", "总览：整年", "/desk/dashboard/?period=custom&since={since}&until={until}"),
    ("leader", "地图", "/desk/map/"),
    ("clerk", "案件详情", "/desk/cases/{case}/"),
    ("clerk", "点位列表", "/desk/sites/"),
    ("clerk", "巡查列表", "/desk/patrols/"),
    ("clerk", "计分排名", "/desk/scores/"),
    ("inspector1", "手机首页", "/field/"),
    ("", "公开首页", "/"),
    ("clerk", "接口：案件列表", "/api/cases"),
)


def measure(rounds: int) -> dict[str, tuple[float, int]]:
    """Median milliseconds and statements for each page."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from chuangwen.cases.models import Case
    from chuangwen.people.models import User

    newest, today = Case.objects.latest("id").pk, timezone.localdate()
    year = {"since": today - timedelta(days=364), "until": today}
    figures = {}
    for username, what, pattern in PAGES:
        client = Client(headers={"host": "localhost"})
        if username:
            client.force_login(User.objects.get(username=username))
        address = pattern.format(case=newest, **year)
        answer = client.get(address)
        if answer.status_code != 200:
            print(f"{what} {address}: HTTP {answer.status_code}", file=sys.stderr)
            continue
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            client.get(address).getvalue()
            times.append((time.perf_counter() - start) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        figures[what] = (statistics.median(times), len(queries))
    return figures


def main() -> None:
    """Load the sample if need be, measure, grow, measure again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    wanted = parser.parse_args()
    os.environ["CHUANGWEN_DATA"] = str(wanted.data)
    from chuangwen.project import boot, serving

    serving.ensure_secret(wanted.data)
    boot.setup(wanted.data)
    serving.migrate()
    from django.db import connection
    from django.utils import timezone
    from many import grow

    from chuangwen.cases.models import Case
    from chuangwen.project.demo import loader, papers

    if not loader.is_loaded():
        now = timezone.localtime()
        loader.load(now=now, tell=lambda *_: None)
        papers.load(now=now, tell=lambda *_: None)
    first_count, small = Case.objects.count(), measure(wanted.rounds)
    start = time.perf_counter()
    added = grow(wanted.cases)
    print(f"{connection.vendor}：加入 {added} 件，用时 {time.perf_counter() - start:.0f} 秒", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    count, large = Case.objects.count(), measure(wanted.rounds)
    print(f"| 页面（{connection.vendor}） | {first_count:,} 件 ms | {count:,} 件 ms | 倍数 | 语句 |")
    print("|---|---:|---:|---:|---:|")
    for what, (before, _) in small.items():
        after, queries = large.get(what, (float("nan"), 0))
        print(f"| {what} | {before:.0f} | {after:.0f} | {after / before:.1f} | {queries} |")


if __name__ == "__main__":
    main()
