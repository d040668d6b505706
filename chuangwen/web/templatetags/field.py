"""Tags of the phone pages: `{% load field %}`."""

from django import template
from django.templatetags.static import static
from django.utils.html import json_script
from django.utils.safestring import SafeString

from chuangwen.web.field import words
from chuangwen.web.field.assets import MODULES

register = template.Library()


@register.simple_tag
def field_words() -> SafeString:
    """The sentences of the phone's scripts, as a JSON block with the id `cw-field-words`."""
    return json_script(words.field_words(), "cw-field-words")


@register.simple_tag
def field_scripts() -> list[str]:
    """The modules that every page of the phone loads, so that the browser need not find them one after the other."""
    return [static(name) for name in MODULES]
