"""`minigan data`: list and download data sets, and draw synthetic faces."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import Parser, add_data_dir, add_debug, path
from minigan.data.catalogue import CATALOGUE
from minigan.errors import UserError


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan data`."""
    data = commands.add_parser(
        "data",
        help="list or download MNIST, Fashion-MNIST and CIFAR-10; draw synthetic faces",
        description="List or download the data sets MNIST, Fashion-MNIST and CIFAR-10. minigan "
        "searches for them in --data-dir DIR. Without it, minigan searches in the folder of the "
        "environment variable MINIGAN_DATA and in the cache folder of the user.",
    )
    actions = data.add_subparsers(
        dest="action", metavar="ACTION", required=True, help="what to do: list, fetch or faces"
    )
    listing = actions.add_parser(
        "list",
        help="show the data sets on this machine",
        description="Show where each data set is, or the command that downloads it.",
    )
    add_data_dir(listing, "search in this folder (default: see minigan data --help)")
    add_debug(listing)
    fetch = actions.add_parser(
        "fetch",
        help="download a data set",
        description="Download the files of a data set. If a mirror fails, the next one is "
        "used. Each file is saved only if it has the published checksum. Complete files are not "
        "downloaded again.",
    )
    fetch.add_argument(
        "name", choices=list(CATALOGUE), help=f"download this data set: {', '.join(CATALOGUE)}"
    )
    add_data_dir(
        fetch,
        "save the files in this folder (default: the folder of MINIGAN_DATA, or the cache folder "
        "of the user)",
    )
    fetch.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(fetch)
    drawn = actions.add_parser(
        "faces",
        help="draw synthetic faces in the format of the Toronto Face Database",
        description="Draw 4,000 synthetic faces of 48 x 48 pixels and write them to "
        "FOLDER/TFD_48x48.mat, in the format of the Toronto Face Database: 3,000 without labels "
        "and 1,000 with one of seven expressions, in five folds. The same numbers are drawn every "
        "time. The recipes for tfd take them with --data-dir FOLDER.",
    )
    drawn.add_argument("folder", type=path, metavar="FOLDER", help="write the file to this folder")
    add_debug(drawn)


def run(options: Any) -> int:
    """List or download; returns the exit status."""
    from minigan.data import download, paths, tfd

    if options.action == "faces":
        options.folder.mkdir(parents=True, exist_ok=True)
        file = options.folder / tfd.NAME
        if file.exists():
            raise UserError(f"{file} exists already: name another folder")
        tfd.write(file)
        print(file)
        return 0
    if options.action == "list":
        paths.require_open(options.data_dir)
        for entry in CATALOGUE.values():
            print(f"{entry.title}, {entry.licence}")
            print(f"    {paths.location_text(entry, options.data_dir)}")
        return 0
    entry = CATALOGUE[options.name]
    folder = paths.find(entry, options.data_dir)
    if folder is None or not download.is_complete(entry, folder):
        folder = paths.download_folder(entry, options.data_dir)
        download.fetch(entry, folder, options.quiet)
    print(f"{entry.name} is complete: {folder}")
    return 0
