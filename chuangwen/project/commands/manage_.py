"""`chuangwen manage`: Django's own commands, for people who know them."""

import click

from chuangwen.project import boot


@click.command(
    help="Django 管理命令，例如 chuangwen manage migrate。",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Hand the words on."""
    boot.setup()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["chuangwen manage", *arguments])
