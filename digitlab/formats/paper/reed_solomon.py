"""Bytes that survive a blot: Reed-Solomon code over the field of 256 elements, the one of QR codes.

Source:
    I. S. Reed and G. Solomon, "Polynomial codes over certain finite fields", J. SIAM 8 (1960); decoded by the algorithm
    of J. L. Massey, "Shift-register synthesis and BCH decoding", IEEE Trans. Inf. Theory 15 (1969).
"""

from collections.abc import Sequence
from itertools import accumulate, repeat

_FIELD = 0x11D  # x^8 + x^4 + x^3 + x^2 + 1
_POWERS = tuple(accumulate(repeat(1, 255), lambda x, _: x << 1 ^ _FIELD if x & 0x80 else x << 1))
_LOGS = {power: exponent for exponent, power in enumerate(_POWERS)}


def add_parity(data: bytes, n: int) -> bytes:
    """Return the data with `n` bytes behind it, by which any `n / 2` wrong bytes can be put right.

    Args:
        data: At most 255 - n bytes.
        n: Bytes to add.

    Example:
        >>> correct(b"Xna" + add_parity(b"Ana", 4)[3:], 4)
        b'Ana'
    """
    generator = [1]
    for exponent in range(n):
        generator = _add(generator + [0], [0] + [_times(each, _POWERS[exponent]) for each in generator])
    rest = [*data, *[0] * n]
    for place in range(len(data)):
        factor = rest[place]
        for offset, each in enumerate(generator):
            rest[place + offset] ^= _times(each, factor)
    return data + bytes(rest[len(data) :])


def correct(received: bytes, n: int) -> bytes | None:
    """Return the data of which `received` came, without its `n` bytes of parity; None if too many bytes are wrong."""
    code = list(received)
    syndromes = _syndromes(code, n)
    if any(syndromes):
        locator = _locator(syndromes)
        powers = [power for power in range(len(code)) if _value(locator, _POWERS[-power % 255]) == 0]
        if len(powers) != len(locator) - 1 or len(powers) > n // 2:
            return None
        for power in powers:
            code[-1 - power] ^= _error(syndromes, locator, power)
        if any(_syndromes(code, n)):
            return None
    return bytes(code[: len(code) - n])


def _syndromes(code: Sequence[int], n: int) -> list[int]:
    """Return the code as a polynomial at the first n powers; all are 0 if nothing is wrong."""
    return [_value(code[::-1], _POWERS[exponent]) for exponent in range(n)]


def _locator(syndromes: Sequence[int]) -> list[int]:
    """Return the shortest polynomial, lowest power first, whose roots tell where bytes are wrong."""
    found, before, length, shift, divisor = [1], [1], 0, 1, 1
    for place in range(len(syndromes)):
        missing = 0
        for offset in range(min(length + 1, len(found))):
            missing ^= _times(found[offset], syndromes[place - offset])
        if not missing:
            shift += 1
            continue
        factor = _times(missing, _inverse(divisor))
        better = _add(found, [0] * shift + [_times(each, factor) for each in before])
        if 2 * length <= place:
            before, length, shift, divisor = found, place + 1 - length, 1, missing
        else:
            shift += 1
        found = better
    return found[: length + 1]


def _error(syndromes: Sequence[int], locator: Sequence[int], power: int) -> int:
    """Return by what the byte at a power is wrong (Forney's formula)."""
    at = _POWERS[-power % 255]
    evaluator = [0] * len(syndromes)
    for one, this in enumerate(syndromes):
        for other, that in enumerate(locator):
            if one + other < len(evaluator):
                evaluator[one + other] ^= _times(this, that)
    derivative = [each if place % 2 == 0 else 0 for place, each in enumerate(locator[1:])]
    slope = _value(derivative, at)
    return _times(_POWERS[power % 255], _times(_value(evaluator, at), _inverse(slope))) if slope else 0


def _value(polynomial: Sequence[int], at: int) -> int:
    """Return a polynomial, lowest power first, at a place."""
    value = 0
    for each in reversed(polynomial):
        value = _times(value, at) ^ each
    return value


def _add(one: Sequence[int], other: Sequence[int]) -> list[int]:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    return [each ^ (shorter[place] if place < len(shorter) else 0) for place, each in enumerate(longer)]


def _times(one: int, other: int) -> int:
    return _POWERS[(_LOGS[one] + _LOGS[other]) % 255] if one and other else 0


def _inverse(one: int) -> int:
    return _POWERS[-_LOGS[one] % 255]
