"""Wait for a short job, for what somebody waits for: a file, not a training."""

from typing import Any

from digitlab.jobs.engine import Jobs


def take_result(jobs: Jobs, job_id: str, seconds: float) -> Any:  # noqa: ANN401 - whatever the job returned
    """Wait for a job and return what it returned; the engine forgets it.

    Args:
        jobs: The engine that runs it.
        job_id: Of the job.
        seconds: How long to wait.

    Raises:
        ValueError: If it failed or was stopped, or is unknown; the message says why.
        TimeoutError: If it is not over by then; it is stopped.
    """
    job = jobs.wait(job_id, seconds)
    if job is not None and not job.over:
        jobs.stop(job_id)
        raise TimeoutError("The worker is busy with trainings. Try it again when they are over.")
    jobs.forget(job_id)
    if job is None or job.status != "finished":
        raise ValueError(job.error if job and job.error else f"Expected a job that is known. Received: {job_id!r:.40}.")
    return job.result
