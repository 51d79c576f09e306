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
_TELL_ONE_MISTAKE = 2  # digits behind the point of a percentage: of MNIST's 10,000 test digits one is 0.01 %


def percent(share: float, decimals: int = 1) -> str:
    """Write a share, so that no line breaks between the number and its sign.

    Args:
        share: 0 to 1.
        decimals: Digits behind the point; up to two where fewer would say 0 % or 100 % of what is not quite that, and
            where two would, words.

    Example:
        >>> [percent(share).replace("\N{NO-BREAK SPACE}", " ") for share in (0.9124, 0.9996, 0.99999, 1.0)]
        ['91.2 %', '99.96 %', 'over 99.99 %', '100.0 %']
    """
    share = round(float(share), 9)  # what rounding has left of 0 or 1 is that
    number = f"{100 * share:.{decimals}f}"
    while 0 < share < 1 and float(number) in (0, 100) and decimals < _TELL_ONE_MISTAKE:
        decimals += 1
        number = f"{100 * share:.{decimals}f}"
    if 0 < share < 1 and float(number) in (0, 100):
        number = "over 99.99" if share > 0.5 else "under 0.01"
    return f"{number}\N{NO-BREAK SPACE}%"
