"""JSON for other programs: what the pages do with cases, patrols and sites, through the same operations and doors.

`main` puts it together, `auth` says who asks, `errors` says no, one file per noun holds the endpoints, `schemas` the shapes.
"""
