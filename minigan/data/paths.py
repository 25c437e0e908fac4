"""Where a data set of the catalogue is searched for, and where a download stores it.

    --data-dir DIR        DIR/mnist, DIR
    MINIGAN_DATA=DIR      DIR/mnist, DIR, then the cache
    neither               the cache: the user's cache folder of the platform

The folder of an unpacked archive, such as cifar-10-batches-bin, is searched after the folder in
which it is.

The folder with the name of the data set comes first, because the files of MNIST and Fashion-MNIST
have the same names: DIR may contain one data set and DIR/fashion-mnist the other. A download is
stored in a folder where `find` finds it.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from minigan.data import idx
from minigan.data.catalogue import CatalogueEntry, DataFile
from minigan.errors import UserError
from minigan.system.text import command

VARIABLE = "MINIGAN_DATA"
NO_HOME = "the user has no home folder"


def candidate_folders(entry: CatalogueEntry, data_dir: Path | None) -> list[Path]:
    """The folders that are searched for the data set, in order."""
    folders = folders_of(entry.name, data_dir)
    if not entry.folder:
        return folders
    return [inner for folder in folders for inner in (folder, folder / entry.folder)]


def folders_of(name: str, data_dir: Path | None) -> list[Path]:
    """The folders that are searched for the data set with this name, in order."""
    base, cache = _base(data_dir), cache_folder()
    folders = [] if base is None else [base / name, base]
    if data_dir is None and cache is not None:
        folders.append(cache / name)
    return folders


def find(entry: CatalogueEntry, data_dir: Path | None) -> Path | None:
    """The first candidate folder with all files, uncompressed or not; None if there is none."""
    folders = candidate_folders(entry, data_dir)
    return next((folder for folder in folders if not missing_files(entry, folder)), None)


def missing_files(entry: CatalogueEntry, folder: Path) -> list[DataFile]:
    """The files of the data set that are not in `folder`; all of them if it cannot be opened.

    None is missing if the archive is there. Optional files are never missing.
    """
    if has_archive(entry, folder):
        return []
    required = (file for file in entry.files if file not in entry.optional)
    return [file for file in required if not os.path.exists(path_of(folder, file))]


def has_archive(entry: CatalogueEntry, folder: Path) -> bool:
    """Whether the archive of the data set is in `folder`."""
    return entry.archive is not None and os.path.exists(folder / entry.archive.name)


def path_of(folder: Path, file: DataFile) -> Path:
    """The path of a file in a folder: the .gz, the uncompressed file or the .xz.

    The .gz comes first because a download writes it: then a new download replaces a damaged file,
    whichever of them was damaged. It is also the path if none of the three exists.
    """
    paths = [folder / f"{file.name}{suffix}" for suffix in (".gz", "", ".xz")]
    return next(filter(os.path.exists, paths), paths[0])


def download_folder(entry: CatalogueEntry, data_dir: Path | None) -> Path:
    """The folder where a download stores the data set. After the download, `find` returns it.

    DIR/name for --data-dir DIR or MINIGAN_DATA=DIR, but DIR itself if it has the name of the data
    set and DIR/name is incomplete. Any other DIR may contain another data set, whose files must not
    be overwritten.
    """
    base = _base(data_dir)
    if base is None:
        cache = cache_folder()
        if cache is None:
            raise UserError(f"{NO_HOME}: set {VARIABLE}, or give --data-dir")
        return cache / entry.name
    inner = base / entry.name
    same_name = os.path.basename(os.path.abspath(base)) == entry.name
    return base if same_name and missing_files(entry, inner) else inner


def fetch_command(entry: CatalogueEntry, data_dir: Path | None) -> str:
    """The command that downloads the data set to a folder where it is found with `data_dir`."""
    option = () if data_dir is None else ("--data-dir", data_dir)
    return command("data", "fetch", entry.name, *option)


def required_folder(entry: CatalogueEntry, data_dir: Path | None) -> tuple[Path, str]:
    """The folder that `find` finds, and what to do if a file in it is damaged.

    Raises UserError with `missing_message` if there is no such folder.
    """
    folder = find(entry, data_dir)
    if folder is None:
        raise UserError(missing_message(entry, data_dir))
    return folder, f"download it again with: {fetch_command(entry, data_dir)}"


def location_text(entry: CatalogueEntry, data_dir: Path | None) -> str:
    """The folder of the data set, or a message with the download command if there is none.

    The smallest file is read and checked, to distinguish data sets whose files have the same names.
    """
    folder = find(entry, data_dir)
    if folder is None:
        return missing_message(entry, data_dir)
    if entry.archive:
        return str(folder)
    try:
        labels = entry.test_labels
        idx.read(path_of(folder, labels), labels, f"try: {fetch_command(entry, data_dir)}")
    except UserError as error:
        return f"not usable: {error}"
    return str(folder)


def missing_message(entry: CatalogueEntry, data_dir: Path | None) -> str:
    """The message for a data set that `find` did not find: what is missing, how to download it."""
    if data_dir is not None and (reason := _open_error(data_dir)):
        return (
            f"the folder {data_dir} of --data-dir cannot be opened: {reason}; give a folder that "
            f"contains {entry.name}, or omit the option and run: {fetch_command(entry, None)}"
        )
    size = f"{entry.megabytes:.1f} MB"
    folders = candidate_folders(entry, data_dir)
    for folder in folders:
        names = [file.name for file in missing_files(entry, folder)]
        if len(names) < len(entry.files) - len(entry.optional):
            return (
                f"the folder {folder} contains {entry.name} without {' and '.join(names)}; "
                f"download the missing files ({size} in total) with: "
                f"{fetch_command(entry, data_dir)}"
            )
    searched = ", ".join(map(_searched, folders))
    if not folders:  # the command below would not know where to store the files
        return f"{entry.name} was not found: {NO_HOME}; set {VARIABLE}, or give --data-dir"
    return (
        f"{entry.name} was not found (searched in {searched}): "
        f"`{fetch_command(entry, data_dir)}` downloads it ({size}), "
        "or give a folder that contains it with --data-dir DIR"
    )


def _base(data_dir: Path | None) -> Path | None:
    """The folder of --data-dir, or else of MINIGAN_DATA; None if neither is set."""
    variable = os.environ.get(VARIABLE)
    return data_dir if data_dir is not None or not variable else Path(variable)


def cache_folder() -> Path | None:
    """The folder of minigan in the user's cache; None if the user has no home folder."""
    try:
        folder = platformdirs.user_cache_path("minigan", appauthor=False)
    except RuntimeError:
        return None
    return folder if folder.is_absolute() else None  # some versions return "~/..." instead


def require_open(data_dir: Path | None) -> None:
    """Raises UserError if the folder of --data-dir cannot be opened."""
    if data_dir is not None and (reason := _open_error(data_dir)):
        raise UserError(
            f"the folder {data_dir} of --data-dir cannot be opened: {reason}; give another folder, "
            "or omit the option"
        )


def _open_error(folder: Path) -> str | None:
    """Why a folder cannot be opened, as the operating system reports it; None if it can be."""
    try:
        os.scandir(os.path.join(folder, ".")).close()  # "." also needs the permission to enter
    except OSError as error:
        return error.strerror
    return None


def _searched(folder: Path) -> str:
    """A folder's path, with the reason if it exists but cannot be opened."""
    reason = _open_error(folder) if os.path.lexists(folder) else None
    return f"{folder}: {reason}" if reason else str(folder)
