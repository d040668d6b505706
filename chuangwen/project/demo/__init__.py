"""The sample district 崇川区: invented people, places and patrols, the same for the same seed; no Django, no clock."""
