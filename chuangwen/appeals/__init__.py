"""Appeals: a unit objects to how it is counted, two people review it, and what is granted is not counted."""
