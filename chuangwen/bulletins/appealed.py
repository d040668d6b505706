"""Lateness as papers count it: without what granted appeals took out, and each such figure beside its raw one."""

from typing import Protocol

from chuangwen.bulletins.writing import Draft, Figure


class Late(Protocol):
    """Counts of a set of cases, with and without what appeals took out."""

    @property
    def on_time(self) -> int: ...
    @property
    def late(self) -> int: ...
    @property
    def on_time_raw(self) -> int: ...
    @property
    def late_raw(self) -> int: ...


def late_figure(
    draft: Draft, key: str, label: str, counted: Late, raw_list: str, *, adds: tuple[str, ...] = (), column: tuple[str, int] | tuple[()] = ()
) -> Figure:  # fmt: skip
    """How many are late. `raw_list` is the address of the list of the raw ones: where appeals took something out it
    opens the raw figure, which is noted beside, and the counted one is the difference.
    """
    if counted.late == counted.late_raw:
        return Figure(key, label, counted.late, "件", raw_list, adds=adds, column=column)
    raw = draft.note(Figure(f"{key}.raw", f"申诉前{label}", counted.late_raw, "件", raw_list))
    out = draft.note(Figure(f"{key}.appealed", f"申诉成立不计的{label}", counted.late_raw - counted.late, "件"))
    return Figure(key, label, counted.late, "件", adds=adds, minus=(raw.key, out.key), column=column)


def on_time_figure(
    draft: Draft, key: str, label: str, counted: Late, raw_list: str, *, column: tuple[str, int] | tuple[()] = ()
) -> Figure:  # fmt: skip
    """How many were on time, in the same way: a case that is excused counts as on time, one that is out counts nowhere."""
    if counted.on_time == counted.on_time_raw:
        return Figure(key, label, counted.on_time, "件", raw_list, column=column)
    raw = draft.note(Figure(f"{key}.raw", f"申诉前{label}", counted.on_time_raw, "件", raw_list))
    change = counted.on_time - counted.on_time_raw
    way = draft.note(Figure(f"{key}.appealed", f"因申诉成立{label}", change, "件", signed=True))
    return Figure(key, label, counted.on_time, "件", adds=(raw.key, way.key), column=column)
