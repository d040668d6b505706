"""Places at the points of each type, what is said with each move, and how a sentence gets its place and figures."""

import random


def sentences(prose: str) -> tuple[str, ...]:
    """The sentences of a piece of prose, each with its full stop."""
    return tuple(f"{one}。" for one in prose.split("。") if one)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PLACES: dict[str, tuple[str, ...]] = {
    "RES": _words("{k}号楼东侧 {k}号楼{n}单元 南门出入口 中心绿地旁 非机动车棚旁 西侧围墙下 {k}号楼前 投放点旁"),
    "COM": _words("服务大厅 办公楼一层 活动室门口 院内北侧 二楼走廊 宣传栏旁 {k}号楼前 社区入口"),
    "ROAD": _words("南侧人行道 北侧非机动车道 {k}号门店前 路口东北角 第{k}棵行道树旁 公交站附近 路段中部 单位出入口旁"),
    "LANE": _words("巷口 巷道中段 {k}号院墙外 巷尾转角 {k}号门前 电线杆旁 垃圾投放点旁"),
    "SQ": _words("广场东入口 健身区 中心舞台旁 花坛边 第{n}排座椅处 北侧停车区"),
    "MKT": _words("水产区 蔬菜区{k}号摊 市场正门 后门卸货区 熟食区 肉类区{k}号摊 市场外围"),
    "MALL": _words("一楼主入口 服务台 {n}楼电梯口 收银区 西侧出入口 地下停车场 {n}楼走廊"),
    "WIN": _words("大厅入口 {k}号窗口 等候区 自助服务区 填单台 门外台阶"),
    "HOSP": _words("门诊大厅 挂号收费处 {n}楼候诊区 急诊入口 住院部一层 门外广场"),
    "BUS": _words("站台东端 候车亭 站牌旁 车厢前部 站台后侧 车厢后门处"),
    "CULT": _words("一楼大厅 阅览区 展厅入口 {n}楼走廊 服务台 室外广场"),
    "SCH": _words("校门口 门前人行道 教学楼{n}层 食堂 操场边 校外接送区"),
    "SITE": _words("东侧围挡 主出入口 材料堆场 北侧围挡第{k}块 临时道路 冲洗区"),
    "RIVER": _words("桥下 南岸 北岸步道旁 闸口附近 {k}号排口旁 河道中段"),
    "FOOD": _words("店门前 后厨 收银台旁 用餐区 后门外 操作间"),
}
ANYWHERE = _words("入口处 中部 东侧 西侧 转角处")

NOT_APPLICABLE = sentences("现场无此设施，不适用。该点位不涉及此项。本次未开放，未检查。当日无此类活动，不评。")
STILL_OPEN = "同一问题上次已立案，尚未办结，不重复立案。"
ROUTED = ("按点位责任单位自动派遣",)
DISPATCHED = sentences("请按时限整改并反馈。请到现场处理。请尽快处置，完成后反馈整改情况。请落实责任人，按期办结。")
RETURNED = sentences(
    "经现场核对，该处不在本单位管养范围，请重新派遣。责任边界已核实，属其他单位。非本单位职责，已附说明，申请退回。"
)
RECEIVED = sentences("已接收，安排人员到场。已通知责任人处理。已列入当日任务。收到，正在处理。")
REJECTED = sentences(
    "复查仍有{n}处未到位，请继续整改。只清理了表面，{p}仍有残留。整改不彻底，{p}问题重现。现场与反馈不一致，请重新整改。"
)
REWORKED = sentences("已返工，逐处重新检查。已补做遗漏的{n}处。已加派人手重新整改。问题根源已处理，防止反复。")
VERIFIED = sentences(
    "现场复查，问题已消除。复查合格。已按标准整改到位，予以通过。对照整改前后，符合要求。随机复看，未见反复。"
)
CLOSED = sentences("复查合格，结案。整改到位，办结归档。手续齐全，结案。")
SUSPENDED = sentences(
    "需列入改造项目，资金未到位，同意挂账。等待统一改造方案，同意挂账。当季不宜实施，同意挂账。已列入年度计划，待招标后实施。"
)
RESUMED = ("挂账期满，恢复办理。",)
EXTENSION_ASKED = sentences(
    "材料采购需要时间，申请延期一次。连续降雨影响施工，申请延期。需与业主协商，申请延期。需多家单位配合，申请延期一次。"
)
EXTENSION_GRANTED = sentences("情况属实，同意延期一次。同意延期，请抓紧办理。")


def figures(point_type: str, rng: random.Random) -> dict[str, str]:
    """A place at such a point and some figures, for the blanks of a template."""
    numbers = {"n": str(rng.randint(2, 6)), "k": str(rng.randint(1, 28)), "m": str(rng.randint(3, 30))}
    return {"p": rng.choice(PLACES.get(point_type, ANYWHERE)).format(**numbers), **numbers}


def phrase(templates: tuple[str, ...], point_type: str, rng: random.Random) -> str:
    """One sentence with place and figures filled in. Figures are drawn even where unused, to keep draws in step."""
    blanks = figures(point_type, rng)
    return rng.choice(templates).format(**blanks)
