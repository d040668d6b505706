"""Addresses of OpenRosa. Those that an app appends to the typed address bear a slash at the end too."""

from django.urls import path, re_path

from chuangwen.api.openrosa import forms, submission

app_name = "openrosa"
urlpatterns = [
    re_path(r"^formList/?$", forms.form_list, name="form-list"),
    path("forms/<str:form_id>/form.xml", forms.form_xml, name="form"),
    path("forms/<str:form_id>/manifest", forms.manifest, name="manifest"),
    path("forms/<str:form_id>/media/<str:name>", forms.media, name="media"),
    re_path(r"^submission/?$", submission.submission, name="submission"),
]
