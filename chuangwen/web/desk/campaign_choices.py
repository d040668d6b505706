"""What can be ticked in the form of a campaign: criteria by point type, case standards by class."""

from chuangwen.standards.queries import case_standards, edition_tree, point_types

Groups = list[tuple[str, list[tuple[str, str]]]]
MOST_OPTIONS = 600


def criterion_choices(edition_id: int) -> Groups:
    """The field criteria of an edition, by point type; nothing without an edition."""
    if not edition_id:
        return []
    names = {kind.code: kind.name for kind in point_types()}
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in names.values()}
    for item in edition_tree(edition_id).items:
        for content in item.contents:
            for row in content.criteria:
                if row.method == "field" and row.point_type_id:
                    kind = names.get(row.point_type_id, row.point_type_id)
                    groups.setdefault(kind, []).append((str(row.pk), f"{row.code} {row.text}"))
    return [(name, rows) for name, rows in groups.items() if rows]


def standard_choices() -> Groups:
    """The case standards in force, by class."""
    rows = case_standards().order_by("class_name", "code").values_list("pk", "class_name", "code", "item", "condition")
    groups: dict[str, list[tuple[str, str]]] = {}
    for pk, kind, code, item, condition in rows[:MOST_OPTIONS]:
        groups.setdefault(kind, []).append((str(pk), f"{code} {item}：{condition}"[:80]))
    return list(groups.items())
