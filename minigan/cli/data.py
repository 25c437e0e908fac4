"""`minigan data`: what is there, and the download of what is not."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import Parser, add_data_dir, add_debug
from minigan.data.catalogue import CATALOGUE


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan data`."""
    data = commands.add_parser(
        "data",
        help="find or download MNIST and Fashion-MNIST",
        description="Published data sets on this machine. They are looked for in --data-dir DIR; "
        "else in the folder that the variable MINIGAN_DATA names and in the user's cache.",
    )
    actions = data.add_subparsers(
        dest="action", metavar="ACTION", required=True, help="list or fetch"
    )
    listing = actions.add_parser(
        "list",
        help="show which data sets are here, and where",
        description="Show which data sets are here, and the command for those that are not.",
    )
    add_data_dir(listing, "look here")
    add_debug(listing)
    fetch = actions.add_parser(
        "fetch",
        help="download a data set from its mirrors",
        description="Download the four files of a data set from several mirrors in turn. Each is "
        "checked against the published checksum before it gets its name; files that are "
        "there already are left alone.",
    )
    fetch.add_argument("name", choices=list(CATALOGUE), help=" or ".join(CATALOGUE))
    add_data_dir(fetch, "put it there (default: MINIGAN_DATA, or the user's cache)")
    fetch.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(fetch)


def run(options: Any) -> int:
    """List or fetch; returns the exit status."""
    from minigan.data import download, paths

    if options.action == "list":
        for published in CATALOGUE.values():
            print(f"{published.title}, {published.licence}")
            print(f"    {paths.location_text(published, options.data_dir)}")
        return 0
    published = CATALOGUE[options.name]
    folder = paths.find(published, options.data_dir)
    if folder is None or not download.is_complete(published, folder):
        folder = paths.download_folder(published, options.data_dir)
        download.fetch(published, folder, options.quiet)
    print(f"{published.name} is in {folder}, whole")
    return 0
