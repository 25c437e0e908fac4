"""Every check of minigan is a session here: `nox -l` lists them, `nox -s NAME` runs one.

They run in the environment that nox itself runs in, which holds minigan and its extra `dev`:

    python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/nox

.ci/run and the workflows in .github call these sessions. Arguments after `--` go to the tool.
"""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "quick"]
nox.options.stop_on_first_error = True

ROOT = Path(__file__).parent
SCHEMAS = {
    "vendor.github-workflows": ".github/workflows/*.yml",
    "vendor.github-issue-forms": ".github/ISSUE_TEMPLATE/[!c]*.yml",
    "vendor.github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
    "vendor.citation-file-format": "CITATION.cff",
}


@nox.session
def lint(session: nox.Session) -> None:
    """Style and format of the code; schemas of the workflows, issue forms and CITATION.cff."""
    python(session, "-m", "ruff", "check", ".")
    python(session, "-m", "ruff", "format", "--check", ".")
    for schema, pattern in SCHEMAS.items():
        files = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob(pattern))]
        python(session, "-m", "check_jsonschema", "--builtin-schema", schema, *files)
    if shutil.which("actionlint"):
        session.run("actionlint")
    else:
        session.log("actionlint is not in PATH: the workflows were compared with their schema only")


@nox.session
def types(session: nox.Session) -> None:
    """Types: strict in the package, less so in the tests."""
    python(session, "-m", "mypy")
    python(session, "-m", "mypy", "--config-file", "tests/mypy.ini")


@nox.session
def quick(session: nox.Session) -> None:
    """The tests without the slow ones: less than a minute."""
    python(session, "-m", "pytest", "-m", "not slow", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """The tests, with a sample of the long campaigns."""
    python(session, "-m", "pytest", *session.posargs)


@nox.session
def slow_tests(session: nox.Session) -> None:
    """Measure all tests and update tests/slow_tests.txt; other programs must not run."""
    with tempfile.TemporaryDirectory() as folder:
        times = f"{folder}/times.xml"
        python(session, "-m", "pytest", f"--junit-xml={times}", *session.posargs)
        python(session, "tests/tools/list_slow_tests.py", times)


@nox.session
def coverage(session: nox.Session) -> None:
    """The tests, and which lines and branches of the package they reach."""
    reports = ("--cov-report=term:skip-covered", "--cov-report=xml")
    python(session, "-m", "pytest", "--cov=minigan", "--cov-branch", *reports, *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Every example of the docs, every link, every statement and its test; pages and numbers."""
    python(session, "-m", "pytest", "tests/test_repository.py", "tests/docs", *session.posargs)


@nox.session
def site(session: nox.Session) -> None:
    """The pages in docs/ as a site in build/site; a warning or a broken link is an error."""
    install(session, "site")
    python(session, "-m", "pytest", "-m", "site", "-n", "0", "tests/docs", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """The interactive pages and the site in Chromium: one in PATH, or that of Qt (260 MB)."""
    install(session, "browser", "site")
    python(session, "-m", "pytest", "-m", "browser", "-n", "0", *session.posargs)


@nox.session
def libraries(session: nox.Session) -> None:
    """Install what `oracle`, `kernels`, `mpi`, `samples` and `site` need: some 2 GB."""
    install(session, "oracle", "softgpu", "mpich", "site")


@nox.session
def oracle(session: nox.Session) -> None:
    """The tests against PyTorch, JAX and scikit-learn."""
    install(session, "oracle")
    one_by_one = ("--dist", "load", "--maxschedchunk", "1")  # the slow ones come first
    python(session, "-m", "pytest", "-m", "oracle", *one_by_one, *session.posargs)


@nox.session
def kernels(session: nox.Session) -> None:
    """The CUDA kernels without a GPU: NVRTC compiles them, an interpreter of PTX runs them."""
    install(session, "softgpu")
    python(session, "-m", "pytest", "-m", "cupy", *session.posargs)


@nox.session
def mpi(session: nox.Session) -> None:
    """Runs of two and three ranks, which mpiexec starts."""
    install(session, "mpich")
    python(session, "-m", "pytest", "-m", "mpi", *session.posargs)


@nox.session
def commands(session: nox.Session) -> None:
    """The README's main command in a clone of the last commit; all other commands on its run."""
    with clone(session) as root, session.chdir(root):
        bash(session, command_of_readme("minigan train"))
        run = "runs/digits-1"
        for line in (
            f"test -s {run}/samples.png && test -s {run}/checkpoint.npz",
            f"minigan sample {run} && minigan info",
            # A resumed run ends in the same bytes as one without a stop.
            "minigan train toy --iterations 600 --quiet --out straight",
            "minigan train toy --iterations 300 --quiet --out stopped",
            "minigan train --resume stopped --iterations 600 --quiet",
            "cmp straight/checkpoint.npz stopped/checkpoint.npz",
            "python tests/tools/fuzz_idx.py 1000",
            f"python tests/tools/recognisable.py {run}",
            f"minigan parzen {run} --refine",
            f"minigan report {run}",
            "pip install --quiet '.[plot]' && minigan figure 1 --out figure1.png --quiet",
            "minigan figure 1 --html figure1.html --k 1 --objective minimax --rate 1 --quiet",
            f"minigan figure 2 {run} --out figure2.png",
            "minigan figure 3 --out figure3.png",
            "minigan sample mnist --out mnist.png",
            "minigan gradcheck",
            "minigan theory",
        ):
            bash(session, f'export PATH="$PWD/.venv/bin:$PATH"; {line}')


@nox.session
def test_command(session: nox.Session) -> None:
    """The README's test command in a clone of the last commit: the tests, in a new environment."""
    with clone(session) as root, session.chdir(root):
        bash(session, command_of_readme("pytest"))


@nox.session
def bench(session: nox.Session) -> None:
    """The harness of the benchmarks, on tiny sizes."""
    said = python(session, "-m", "minigan", "bench", "--quick", "--quiet", silent=True)
    if "limit" not in said:
        session.error(f"no limit in the tables:\n{said}")


@nox.session
def wheel(session: nox.Session) -> None:
    """The wheel holds every file of the package, and works where nothing else is."""
    with tempfile.TemporaryDirectory() as folder:
        python(session, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ".")
        (built,) = Path(folder).glob("*.whl")
        held = set(zipfile.ZipFile(built).namelist())
        tracked = subprocess.check_output(["git", "ls-files", "minigan"], cwd=ROOT, text=True)
        if missing := set(tracked.splitlines()) - held:
            session.error(f"not in the wheel: {sorted(missing)}")
        if not any(name.endswith("licenses/LICENSE") for name in held):
            session.error("the licence is not in the wheel")
        with session.chdir(folder):
            python(session, "-m", "venv", "venv")
            bash(session, f"venv/bin/pip install --quiet {built.name}")
            bash(session, "venv/bin/minigan info && venv/bin/minigan train toy --iterations 50")


@nox.session
def samples(session: nox.Session) -> None:
    """A sample of the mutants and of the kernel faults, after the tests have passed.

    MINIGAN_SAMPLE is the seed of the sample.
    """
    python(session, "tests/tools/mutants", "--sample", "25", "--trust")
    install(session, "softgpu")
    python(session, "tests/tools/kernel_faults", "--sample", "12", "--trust")


@nox.session
def trials(session: nox.Session) -> None:
    """The tests, with every trial of the long campaigns."""
    complete = {"MINIGAN_CAMPAIGNS": "complete"}
    python(session, "-m", "pytest", *session.posargs, env=complete)


@nox.session
def mutants(session: nox.Session) -> None:
    """Every mutant of the maths must fail a test; takes half an hour or more."""
    python(session, "tests/tools/mutants", *session.posargs)


@nox.session
def kernel_faults(session: nox.Session) -> None:
    """Every fault of the kernels must fail a test; writes docs/kernel-faults.md."""
    install(session, "softgpu")
    python(session, "tests/tools/kernel_faults", *session.posargs)


def python(
    session: nox.Session,
    *arguments: str,
    silent: bool = False,
    env: dict[str, str] | None = None,
) -> str:
    """Run the Python that runs nox; returns what it says, where that is not shown."""
    return str(session.run(sys.executable, *arguments, silent=silent, env=env))


def install(session: nox.Session, *extras: str) -> None:
    """Install the requirements of extras of setup.cfg; takes a second if they are installed."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    names = [name for extra in extras for name in config["options.extras_require"][extra].split()]
    python(session, "-m", "pip", "install", "--quiet", *names)


def bash(session: nox.Session, line: str) -> None:
    """Run a line of the shell."""
    session.run("bash", "-c", line)


def command_of_readme(end: str) -> str:
    """The command in README.md that makes an environment and ends with these words."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(rf"^    (python3 -m venv .*{re.escape(end)})$", readme, re.MULTILINE)
    return str(command)


@contextmanager
def clone(session: nox.Session) -> Iterator[Path]:
    """A clone of the last commit, for a while."""
    with tempfile.TemporaryDirectory() as folder:
        session.run("git", "clone", "--quiet", str(ROOT), folder)
        yield Path(folder)
