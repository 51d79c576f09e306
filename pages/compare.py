import streamlit as st

from digitlab import cards, charts
from digitlab.ui import cached, choose, curve

st.title("Compare", anchor=False)
st.markdown("Minutes of human work against accuracy: what each method costs you, and what it reaches.")

chosen = choose.runs_input([cached.guess(0), *cached.runs()])
choose.manage_runs([card for card in chosen if card["id"] != "uniform"])
accuracies = cards.accuracies(chosen)

st.subheader("Accuracy against human minutes", anchor=False)
st.altair_chart(charts.accuracy_by_minutes(accuracies), alt="Accuracy of each run against minutes of human work")
st.subheader("Accuracy by method", anchor=False)
st.markdown("Bars with 95 % intervals; the dashed line is what a random guess reaches.")
st.altair_chart(charts.accuracy_by_method(accuracies), alt="Accuracy of each run with its interval")
st.subheader("Accuracy per digit, MNIST test set", anchor=False)
st.altair_chart(charts.accuracy_by_digit_and_run(cards.accuracy_by_digit(chosen)), alt="Accuracy of each digit by run")

trained = {card["name"]: card["history"] for card in chosen if "history" in card}
if trained:
    st.subheader("Training curves", anchor=False)
    st.altair_chart(
        charts.training_curves_laid_over(cards.histories(trained)), alt="Accuracy and loss by epoch and run"
    )

curve.show()
