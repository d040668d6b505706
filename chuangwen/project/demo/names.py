"""Names of the sample district: streets and departments as reported, everything below them invented in local style.

Streets: the 19 of Nantong's monthly ranking of August 2017 (city newspaper, 2017-09-21), and 城东, whose line the page
cut off.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class StreetName:
    """A street: key for codes and accounts, name, rough centre (lng, lat), invented communities and two roads."""

    key: str
    name: str
    centre: tuple[float, float]
    communities: tuple[str, ...]
    roads: tuple[str, str]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _street(line: str) -> StreetName:
    head, communities, roads = line.split("|")
    key, name, lng, lat = head.split()
    first, second = roads.split()
    return StreetName(key, name, (float(lng), float(lat)), _words(communities), (first, second))


# key, name, centre | communities | roads
STREETS: tuple[StreetName, ...] = tuple(
    _street(line)
    for line in (
        "xuetian 学田街道 120.878 31.998 | 南田 学士园 育才里 书香坊 田畈桥 | 学田中路 书香路",
        "hepingqiao 和平桥街道 120.860 32.000 | 和平里 桥北头 三衙巷 濠西埠 柳家坝 | 濠西横路 衙前路",
        "xinchengqiao 新城桥街道 120.857 32.018 | 新桥头 望濠 启秀坊 桃园里 南关头 | 望濠路 启秀东路",
        "chengdong 城东街道 120.877 32.016 | 东关 濠东头 光朝园 东景 花墙巷 | 东关大街 花墙路",
        "hongqiao 虹桥街道 120.842 31.992 | 虹西 虹南里 跃龙坝 盛和园 白家埭 | 虹南路 跃龙坝路",
        "rengang 任港街道 120.833 32.014 | 任家港 港湾里 西闸 船坞 芦花埭 | 港湾路 船坞路",
        "zhongxiu 钟秀街道 120.897 32.030 | 秀园 山港圩 荷叶桥 瑞景 百子埭 钟秀北 | 秀园路 荷叶桥路",
        "wenfeng 文峰街道 120.894 31.990 | 文景 塔影 三里墩 南濠圩 青枫 | 塔影路 三里墩路",
        "tangzhazhen 唐闸镇街道 120.828 32.046 | 闸桥 纱厂里 西洋楼 油榨坊 通扬埠 | 闸桥路 纱厂路",
        "langshanzhen 狼山镇街道 120.866 31.966 | 山前 南山脚 紫琅埭 山后圩 园博里 | 山前路 紫琅埭路",
        "qinzao 秦灶街道 120.868 32.046 | 秦家灶 灶西 灶东 腰路 九总埭 | 灶西路 腰路中街",
        "chenqiao 陈桥街道 120.848 32.076 | 陈家桥 树行 育新圩 河口埭 长林 | 树行路 长林路",
        "xingfu 幸福街道 120.880 32.074 | 幸福里 秀水 横港圩 果园埭 安乐桥 | 秀水路 果园路",
        "gangzhakfq 港闸开发区 120.820 32.070 | 永和桥 闸西 兴业 长平 | 兴业路 长平横路",
        "zhongxing 中兴街道 120.890 31.968 | 中兴里 通盛 振华圩 新河埭 常兴 | 通盛路 常兴路",
        "xinkai 新开街道 120.908 31.950 | 新开埭 星湖 海棠里 竹园 通富 | 星湖路 海棠路",
        "xiaohai 小海街道 120.927 31.972 | 小海头 定海 复兴圩 团结埭 富海 | 定海路 富海路",
        "zhuhang 竹行街道 120.926 32.004 | 竹行里 江海圩 清水埭 三福 | 竹行中路 清水路",
        "jinsha 金沙街道 120.914 32.080 | 金沙西 北市 银河 虹园 金余埭 建设里 | 银河路 北市横路",
        "jinxin 金新街道 120.926 32.046 | 金新里 三总桥 朝霞 复盛 新金圩 | 朝霞路 复盛路",
    )
)

# key, name, kind: who owns what is decided in sites.py.
OFFICES: tuple[tuple[str, str, str], ...] = (
    ("wmb", "区文明办", "district_office"),
    ("xcb", "区委宣传部", "district_office"),
    ("wgzx", "区网格化服务管理中心", "district_office"),
    ("chengguan", "区城管局", "department"),
    ("zhujian", "区住建局", "department"),
    ("jiaoti", "区教体局", "department"),
    ("weijian", "区卫健委", "department"),
    ("minzheng", "区民政局", "department"),
    ("shuili", "区水利局", "department"),
    ("jiaotong", "区交通局", "department"),
    ("gongan", "公安分局", "department"),
    ("wenlv", "区文旅局", "department"),
    ("qixiang", "区气象局", "department"),
    ("shenpi", "区行政审批局", "department"),
    ("shangwu", "区商务局", "department"),
    ("shijian", "区市场监管局", "regulator"),
)

FIRMS = _words("濠安 通和 江海 宜居 同悦 众邻 安泽 瑞邦 清和 润家 万邻 惠民")
COMPOUND_FIRST = _words(
    "濠景 江韵 紫荆 银杏 海棠 翠竹 桂香 梧桐 祥和 锦绣 金色 蓝印 芦泾 星光 阳光 清荷 兰亭 柏悦 丽景 春晖 望江 听涛"
)
COMPOUND_LAST = _words("苑 花园 家园 公寓 雅居 华庭 名邸 佳园")

SURNAMES = _words(
    "陈 张 王 李 吴 徐 周 朱 顾 陆 沈 施 丁 曹 黄 季 葛 袁 严 钱 孙 马 汤 邵 冯 许 倪 羌 保 易 成 姜 瞿 邱 缪 范"
)
# Given names that sound like the work, so that nobody takes them for a real person.
GIVENS = _words(
    "文 明 勤 诚 正 新 和 安 洁 清 宁 立 行 巡 察 信 惠 邻 序 净 绿 秀 景 晴 帮 助 敬 礼 "
    "友 善 乐 康 平安 守诚 立新 向善 爱邻 志愿 文明 常清 致和 护绿 惜时 敬业 友邻 同心 共建 知行 "
    "有序 乐群"
)
