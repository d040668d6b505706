"""Addresses of the desk pages, one list per noun."""

from chuangwen.web.desk import (
    calendar,
    case_standards,
    cases,
    dashboard,
    editions,
    home,
    maps,
    moves,
    orders,
    papers,
    patrols,
    people,
    scores,
    sites,
    system,
    tokens,
)

app_name = "desk"
urlpatterns = [
    *home.urls,
    *cases.urls,
    *moves.urls,
    *orders.urls,
    *patrols.urls,
    *sites.urls,
    *people.urls,
    *editions.urls,
    *case_standards.urls,
    *calendar.urls,
    *dashboard.urls,
    *maps.urls,
    *scores.urls,
    *papers.urls,
    *tokens.urls,
    *system.urls,
]
