import streamlit as st

from digitlab.comparison import drawing_charts
from digitlab.storage import drawing_table
from digitlab.storage.drawings import read_drawing_rows
from digitlab.ui import resources
from digitlab.ui.drawing import browse

st.title("My digits", anchor=False)
st.markdown("Everything that was drawn here: look through it, correct it, see how your hand gets faster, or tired.")

everything = drawing_table.table(read_drawing_rows(resources.store()))
if everything.empty:
    st.info("Nothing is drawn yet.")
    st.page_link("pages/draw_one.py", label="Draw one of each digit", icon=":material/draw:")
    st.stop()

st.dataframe(drawing_table.counts(everything[~everything["deleted"]]), key="my_counts")
chosen = browse.filter_drawings(everything)
if chosen.empty:
    st.info("No drawing is like that.")
    st.stop()

table, pictures, times = st.tabs(["Table", "By digit", "Time"])
with table:
    browse.edit_drawings(browse.choose_drawings(chosen))
with pictures:
    browse.show_mean_images(chosen)
    browse.show_by_digit(chosen)
with times:
    if st.toggle(f"Leave out each writer's first {drawing_table.PRACTICE} digits (practice)", key="my_practice"):
        chosen = drawing_table.without_practice(chosen)
    seconds = drawing_table.times(chosen)
    st.altair_chart(drawing_charts.seconds_by_digit(seconds), alt="Seconds for each digit")
    st.altair_chart(
        drawing_charts.seconds_over_time(seconds), alt="Seconds from the first drawing of a writer to the last"
    )
