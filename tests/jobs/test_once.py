from concurrent.futures import ThreadPoolExecutor

from digitlab.jobs.job import Job
from digitlab.jobs.once import Once


class Engine:
    """Jobs that stay as they are told to be."""

    def __init__(self):
        self.jobs = {}

    def get(self, job_id):
        return self.jobs.get(job_id)

    def submit(self):
        job_id = str(len(self.jobs))
        self.jobs[job_id] = Job(job_id, "answer")
        return job_id

    def end(self, job_id, status):
        self.jobs[job_id] = Job(job_id, "answer", status=status)


def test_it_is_begun_once_for_each_thing():
    engine = Engine()
    once = Once(engine)
    assert once.job("ten") is None
    for _ in range(3):
        once.begin("ten", engine.submit)
    assert list(engine.jobs) == ["0"]
    assert once.job("ten").id == "0"
    once.begin("other ten", engine.submit)
    assert once.job("other ten").id == "1"


def test_many_at_the_same_moment_begin_it_once():
    engine = Engine()
    once = Once(engine)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: once.begin("ten", engine.submit), range(200)))
    assert list(engine.jobs) == ["0"]


def test_what_is_over_can_be_begun_again():
    engine = Engine()
    once = Once(engine)
    once.begin("ten", engine.submit)
    for number, status in enumerate(("failed", "cancelled", "finished")):
        engine.end(str(number), status)
        assert once.job("ten").status == status
        once.begin("ten", engine.submit)
        assert once.job("ten").id == str(number + 1)


def test_a_start_that_fails_leaves_nothing_behind():
    def refuse():
        raise ConnectionError

    engine = Engine()
    once = Once(engine)
    try:
        once.begin("ten", refuse)
    except ConnectionError:
        once.begin("ten", engine.submit)
    assert once.job("ten").id == "0"
