"""Check params.yaml: the first command of every stage, before the one that holds names of it.

DVC puts names into commands of the shell as they are. A name that would be more than a name ends
its stage here, where no name is part of the command.
"""

from pipeline.harness.command import stage_command
from pipeline.settings import params


@stage_command
def main() -> None:
    """Say what is wrong with params.yaml, if anything is."""
    params.load()


if __name__ == "__main__":
    main()
