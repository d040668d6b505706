"""Open311 GeoReport v2: other programs list services, file reports and follow them, in JSON and XML."""
