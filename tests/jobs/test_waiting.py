import time

import pytest

from digitlab.jobs.engine import Jobs
from digitlab.jobs.waiting import take_result

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def jobs():
    queue = Jobs()
    yield queue
    queue.close()


def double(number, *, report, should_stop):
    return 2 * number


def fail(*, report, should_stop):
    raise ValueError("no paper")


def linger(*, report, should_stop):
    while not should_stop():
        time.sleep(0.05)


def test_what_a_job_returned_is_taken_and_the_job_is_forgotten(jobs):
    job_id = jobs.submit(double, 21)
    assert take_result(jobs, job_id, 60) == 42
    assert jobs.get(job_id) is None


def test_a_job_that_fails_or_is_unknown_is_told(jobs):
    with pytest.raises(ValueError, match="no paper"):
        take_result(jobs, jobs.submit(fail), 60)
    with pytest.raises(ValueError, match="a job that is known"):
        take_result(jobs, "nonsense", 60)


def test_nobody_waits_for_ever(jobs):
    with pytest.raises(TimeoutError, match="busy with trainings"):
        take_result(jobs, jobs.submit(linger), 0.3)
