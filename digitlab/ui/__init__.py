"""The only part of DigitLab that imports Streamlit."""
