"""宣传: the calendar over the five audiences, and short news that a second person passes before residents read it."""
