"""Commands, each imported only when used; what is no command is a problem to solve."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "autograder": "derive.cli.autograder", "check": "derive.cli.checking", "compare": "derive.cli.comparing",
    "grade": "derive.cli.grading", "list": "derive.cli.listing", "sheet": "derive.cli.sheets",
}  # fmt: skip
SOLVE = "PROBLEM"  # how the unnamed command is shown; no id is spelled in capitals
SOLVE_MODULE = "derive.cli.solving"


class Commands(click.Group):
    """`derive list`, and `derive PROBLEM` for anything that is not a command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = SOLVE_MODULE if cmd_name == SOLVE else COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(module).command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        if args and args[0] not in COMMANDS and args[0] not in own:
            args = [SOLVE, *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "PROBLEM [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [OPTIONS]", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        solve = self.get_command(ctx, SOLVE)
        assert solve is not None
        records = [parameter.get_help_record(ctx) for parameter in solve.params if isinstance(parameter, click.Option)]
        with formatter.section("Options of PROBLEM"):
            formatter.write_dl([record for record in records if record is not None])
        super().format_options(ctx, formatter)
