import streamlit as st

from digitlab.storage.found_drawings import count_wanted
from digitlab.ui import resources, tour
from digitlab.ui.drawing import browse
from digitlab.ui.formats import bring_in_files, take_experiment, take_out

st.title("My digits", anchor=False)
st.markdown(
    "All that was drawn here or brought in: look through it, correct it, see how your hand gets faster, or tired."
)
tour.show("my_digits")

counts = browse.count_drawings()
if counts.empty:
    st.info("Nothing is drawn yet.")
    st.page_link("pages/draw_one.py", label="Draw one of each digit", icon=":material/draw:")
    take_experiment.offer()
    bring_in_files.offer()
    st.stop()

st.dataframe(counts, key="my_counts")
wanted = browse.wanted_input(list(counts.index))
count = count_wanted(resources.store(), wanted)
if not count:
    st.info("No drawing is like that.")
    bring_in_files.offer()
    st.stop()

chosen: list[int] = []
table, pictures, times = st.tabs(["Table", "By digit", "Time"], key="my_tab", on_change="rerun", bind="query-params")
if table.open:
    with table:
        chosen = browse.choose_drawings(wanted, count)
        browse.edit_drawings(chosen)
if pictures.open:
    with pictures:
        browse.show_mean_images(wanted, count)
        browse.show_by_digit(wanted, count)
if times.open:
    with times:
        browse.show_times(wanted, count)

take_out.offer(wanted, count, chosen)
take_experiment.offer()
bring_in_files.offer()
