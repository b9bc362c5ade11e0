"""A stage in several processes, on one or more machines, through torchrun."""

import shlex
import sys

from pipeline.harness.parallel import ProcessEnded


def under_torchrun(arguments: str, module: str) -> None:
    """Run `python -m module` with this process's arguments through torchrun.

    Raises ProcessEnded if a process fails; torchrun then ends the others.
    """
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import parse_args, run

    try:
        options = parse_args([*shlex.split(arguments), "-m", module, *sys.argv[1:]])
    except SystemExit as error:
        raise ValueError(f"WNET_TORCHRUN={arguments}: torchrun does not accept this") from error
    try:
        run(options)
    except SignalException as error:  # torchrun has ended the processes
        raise KeyboardInterrupt(error.sigval) from error
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        end = failure.signal_name() if failure.exitcode < 0 else f"exit code {failure.exitcode}"
        raise ProcessEnded(
            f"process {rank} of the training ended with {end}, and torchrun ended the others;"
            " the same command resumes from the last checkpoint"
        ) from error
