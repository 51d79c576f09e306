"""How things look everywhere: the colours of marks, the shades of tables, how a share is written.

The colours are those of Okabe and Ito's palette, which colour-blind people tell apart too; where one was too pale for a
white page it is a darker one of the same hue. Each stands out from both pages by 3:1 or more (WCAG 2.2, 1.4.11), from
the one of `.streamlit/config.toml` that is light and from the one that is dark.
"""

BLUE, ORANGE, GREEN, PURPLE, SKY, GREY = "#0072B2", "#D55E00", "#009E73", "#C2669A", "#2E93CC", "#7F8794"
VIOLET = "#A855F7"  # not of that palette, in which nothing is left that is told apart from grey
MARKS = (BLUE, ORANGE, GREEN, PURPLE, SKY, GREY, VIOLET)
# A share of 0 to 1 as a shade of a table's cell, and from which share on its number is white instead of black.
LIGHTEST, DARKEST = "#E6EEF6", "#0A4479"
WHITE_FROM = 0.69


def percent(share: float, decimals: int = 1) -> str:
    """Write a share, so that no line breaks between the number and its sign.

    Args:
        share: 0 to 1.
        decimals: Digits behind the point.

    Example:
        >>> percent(0.9124).replace("\N{NO-BREAK SPACE}", " ")
        '91.2 %'
    """
    return f"{100 * share:.{decimals}f}\N{NO-BREAK SPACE}%"
