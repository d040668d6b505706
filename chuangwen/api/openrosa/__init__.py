"""OpenRosa: ODK Collect and Enketo fetch our checklists as forms and hand in what was found. Not in the OpenAPI."""
