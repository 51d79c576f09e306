"""The command line: `python -m digitlab --help` tells what there is."""

from typing import Annotated

import typer

from digitlab import __version__
from digitlab.commands import backups, digits, models, models_in_and_out, sheets

app = typer.Typer(
    help="DigitLab without its pages: the same work on the same database, for scripts and machines without a screen.",
    epilog="Ends with 0 if it is done, 1 if it cannot be done (why is told), 2 if the command is wrong, 3 if there is "
    "nothing to do it with.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"DigitLab {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[  # done before any command is looked for
        bool, typer.Option("--version", help="Print the version and end.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Take what can be asked for without a command."""


app.command("export")(digits.export)
app.command("import")(digits.import_digits)
app.command("info")(digits.info)
app.command("sheet")(sheets.sheet)
app.command("upright")(digits.upright)
app.command("train")(models.train)
app.command("evaluate")(models.evaluate_model)
app.command("predict")(models.predict)
app.command("report")(models.report)
app.command("export-model")(models_in_and_out.export_model)
app.command("import-model")(models_in_and_out.import_model)
app.command("backup")(backups.back_up)
app.command("restore")(backups.restore)
app.command("copy-database")(backups.copy_database)

if __name__ == "__main__":
    app(prog_name="python -m digitlab")
