"""What reports are about: proposed class, place, unit and urgency, the same trouble once, hot topics."""
