"""The parts of the pages: the only place of the package that imports Streamlit."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

# Until app.py has run once, Streamlit takes every file of a folder named pages/ for a page of its own and runs it
# without app.py: the first visitor of a new server who comes by a link (or whose open page reconnects) would see a menu
# of file names. This is the first line of ours that such a run reaches; from then on all goes through app.py.
if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()
