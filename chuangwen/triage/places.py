"""The gazetteer: names of streets, communities, compounds and sites, held in the process and looked at every minute."""

import uuid
from functools import lru_cache

from django.core.cache import cache

from chuangwen.places.models import Area, Site
from chuangwen.rules.gazetteer import Gazetteer, Name, gazetteer

_KEY = "triage.gazetteer"


def names() -> Gazetteer:
    """The present gazetteer; two statements once a minute."""
    return _names(str(cache.get_or_set(_KEY, lambda: uuid.uuid4().hex, 60)))


@lru_cache(maxsize=2)
def _names(_version: str) -> Gazetteer:
    rows = [Name(name, kind) for name, kind in Area.objects.exclude(kind="district").values_list("name", "kind")]
    sites = Site.objects.filter(active=True).values_list("pk", "name", "address", "point_type")
    rows += [Name(name, "site", site, point_type, address) for site, name, address, point_type in sites.iterator()]
    return gazetteer(rows)
