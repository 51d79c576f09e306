from dataclasses import replace

from digitlab.learning.demo import missing_trainings
from digitlab.learning.model_files import REFERENCE
from digitlab.storage import demo
from digitlab.storage.store import Store
from tests.helpers import a_run


def test_what_there_is_of_the_demo_is_not_trained_again_and_a_visitors_run_is_not_taken_for_it():
    batches = demo.add_demo(Store("sqlite://"))
    one, full, test = (batch.id for batch in batches)
    all_of_it = [each.argument for each in missing_trainings(batches, [], "url")]
    assert [each.batch_ids for each in all_of_it] == [(one,), (), (one, full), (one,), (one, full)]
    assert {each.test_batch_ids for each in all_of_it} == {(test,)}
    assert {each.owner_id for each in all_of_it} == {batches[0].writer_id}
    there = [
        replace(a_run("dense-1"), demo=True),
        a_run("one-1", "one"),  # a visitor's
        replace(a_run("one-2", "one", start_from=REFERENCE), demo=True),
    ]
    left = [each.argument for each in missing_trainings(batches, there, "url")]
    assert [each.batch_ids for each in left] == [(one,), (one, full), (one, full)]
