"""Where a case goes: routing rules with replay, objections of units to a dispatch."""
