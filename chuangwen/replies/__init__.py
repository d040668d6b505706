"""Answers to residents: drafted, checked before they are sent, judged by whoever reported."""
