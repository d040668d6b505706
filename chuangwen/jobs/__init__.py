"""What follows from what happened, and what is due by the clock."""
