"""What routine work asks of each role, read across the rooms that ask. Holds nothing of its own."""
