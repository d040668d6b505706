"""Forecasts of the examination: what was asked of them, what they rested on, what came out, and what it is worth to look where."""
