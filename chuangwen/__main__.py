"""`python -m chuangwen` is the chuangwen command."""

from chuangwen.project.cli import main

main()
