import streamlit as st

st.set_page_config(page_title="DigitLab", page_icon=":material/draw:", layout="wide")
# What the theme cannot say: on the light blue of the dark theme a button's text is dark; headings have no links, where
# Tab would stop; who wants no motion gets none.
st.html(
    """<style>
    [data-testid^="stBaseButton-primary"] { color: light-dark(#fff, #0a0f16); }
    [data-testid="stHeaderActionElements"] { display: none; }
    [data-testid="stImage"] { gap: 4px; }
    [data-testid="stCheckbox"] :is([data-testid="stMarkdownContainer"], p) { white-space: normal; overflow: visible; }
    [data-variant="segmented_control"]:not([data-selected="true"]) {
        border-left-color: light-dark(#c9d2dc, #3a4554) !important;
    }
    @media (max-width: 640px) {
        [data-testid="stMainBlockContainer"] { padding-top: 3.25rem; }
        [data-testid="stHorizontalBlock"] { row-gap: 1rem; }
    }
    @media (min-width: 641px) {
        [data-testid="stColumn"] { min-width: min(100%, 11rem); }
        [data-testid="stColumn"]:has(> * [data-testid="stVegaLiteChart"]) { min-width: min(100%, 18.5rem); }
        [data-testid="stColumn"]:has([class*="st-key-"][class*="-canvas-"]) { min-width: min(100%, 18.5rem); }
    }
    @media (prefers-reduced-motion: reduce) {
        *, *::before, *::after { animation-duration: 1ms !important; transition-duration: 1ms !important; }
    }
    </style>"""
)
st.navigation(
    [
        st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("pages/baseline.py", title="Random guess", icon=":material/casino:", url_path="baseline"),
        st.Page("pages/dense.py", title="Dense network", icon=":material/hub:", url_path="dense"),
        st.Page("pages/draw_one.py", title="Draw one", icon=":material/draw:", url_path="draw_one"),
        st.Page("pages/draw_batch.py", title="Draw a batch", icon=":material/grid_on:", url_path="draw_batch"),
        st.Page("pages/my_digits.py", title="My digits", icon=":material/apps:", url_path="my_digits"),
        st.Page("pages/retrain.py", title="Train on yours", icon=":material/model_training:", url_path="retrain"),
        st.Page("pages/piles.py", title="Pictures without labels", icon=":material/stacks:", url_path="piles"),
        st.Page("pages/inside.py", title="Look inside", icon=":material/search_insights:", url_path="inside"),
        st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:", url_path="compare"),
        st.Page(
            "pages/class.py",
            title="Class",
            icon=":material/groups:",
            url_path="class",
            visibility="visible" if st.session_state.get("who_teacher") else "hidden",
        ),
    ]
).run()
