"""Invented people of the sample district: who holds which post, and the accounts a visitor may try."""

import random
from collections.abc import Iterable

from chuangwen.project.demo.names import GIVENS, OFFICES, STREETS, SURNAMES, StreetName
from chuangwen.project.demo.rows import PersonRow, UnitRow

ROLE_TITLES: dict[str, str] = {
    "system_admin": "系统管理员",
    "office_clerk": "专员",
    "office_chief": "主任",
    "leader": "分管领导",
    "inspector": "巡查员",
    "unit_chief": "负责人",
    "unit_worker": "承办人",
    "grid_worker": "员",  # 第1网格 + 员
}
PASSWORD = "chuangwen-2020-demo"  # published on purpose; a production start refuses a database that has it
INSPECTORS = tuple(f"inspector{number}" for number in range(1, 7))
DEMO_ACCOUNTS: tuple[tuple[str, str], ...] = (
    ("admin", "系统管理员：维护账号、单位、区域和点位"),
    ("clerk", "区文明办专员：受理、派遣、结案，编发通报"),
    ("chief", "区文明办主任：审批延期、挂账和通报"),
    ("leader", "区分管领导：看排名、督查和问责建议"),
    ("inspector1", "巡查员：手机巡查点位、记录问题、复查整改"),
    ("xuetian_chief", "学田街道负责人：看本街道问题和排名，督促整改、提出申诉"),
    ("xuetian01_worker", "学田街道南田社区承办人：接收案件、上传整改结果"),
    ("chengguan_chief", "区城管局负责人：接收派遣、申请延期或退回"),
    ("xuetian01_w1", "物业服务处承办人：处理本小区的问题"),
    ("xuetian01_g1", "网格员：上报网格内的问题和需求"),
)


class Register:
    """Hands out invented names and sample phones, none twice."""

    def __init__(self, rng: random.Random) -> None:
        self._names = [f"{surname}{given}" for surname in SURNAMES for given in GIVENS]
        rng.shuffle(self._names)
        self._phones = 0
        self._rng = rng
        self._leaders: dict[str, list[str]] = {}

    def new_name(self) -> str:
        """An invented full name, used once."""
        return self._names.pop()

    def new_phone(self) -> str:
        """Eleven digits beginning with 000: no number of any network."""
        self._phones += 1
        return f"000{86000000 + self._phones}"

    def street_leader(self, street: StreetName) -> str:
        """One of three leaders of the street who look after its points."""
        if street.key not in self._leaders:
            self._leaders[street.key] = [self.new_name() for _ in range(3)]
        return self._rng.choice(self._leaders[street.key])


def posts_of(units: Iterable[UnitRow]) -> list[tuple[str, str, str]]:
    """Every post to fill: (username, role, unit code)."""
    rows = list(units)
    posts = [("admin", "system_admin", "CC"), ("leader", "leader", "CC"), ("chief", "office_chief", "CC-WMB")]
    posts += [("clerk", "office_clerk", "CC-WMB"), ("clerk2", "office_clerk", "CC-WMB")]
    posts += [(name, "inspector", "CC-WMB") for name in INSPECTORS]
    for key in [*(street.key for street in STREETS), *(key for key, _, _ in OFFICES if key != "wmb")]:
        posts += [
            (f"{key}_chief", "unit_chief", f"CC-{key.upper()}"),
            (f"{key}_worker", "unit_worker", f"CC-{key.upper()}"),
        ]
    for unit in rows:
        posts += _local_posts(unit)
    return posts


def _local_posts(unit: UnitRow) -> list[tuple[str, str, str]]:
    """Communities have a worker, the odd ones a chief too; firms a worker; first grids a grid worker."""
    if unit.kind == "community":
        login = _login(unit.code)
        chief = [(f"{login}_chief", "unit_chief", unit.code)] if int(unit.code[-2:]) % 2 else []
        return [*chief, (f"{login}_worker", "unit_worker", unit.code)]
    if unit.kind == "property_firm":
        return [(_local_login(unit.code), "unit_worker", unit.code)]
    if unit.kind == "grid" and unit.code.endswith("G1"):
        return [(_local_login(unit.code), "grid_worker", unit.code)]
    return []


def _login(code: str) -> str:
    """CC-XUETIAN-01 -> xuetian01."""
    return "".join(code.lower().split("-")[1:])


def _local_login(code: str) -> str:
    """CC-XUETIAN-01-W1 -> xuetian01_w1."""
    community, last = code.rsplit("-", 1)
    return f"{_login(community)}_{last.lower()}"


def appoint(units: Iterable[UnitRow], register: Register) -> tuple[PersonRow, ...]:
    """One person for every post; the name says unit and role."""
    rows = list(units)
    short = {unit.code: unit.name for unit in rows} | {"CC": "崇川区", "CC-WMB": "文明办"}
    return tuple(
        PersonRow(
            username, f"{short[unit]}{ROLE_TITLES[role]} {register.new_name()}", register.new_phone(), ((role, unit),)
        )
        for username, role, unit in posts_of(rows)
    )
