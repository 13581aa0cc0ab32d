"""Listens to a WAV file."""
import array
import cmath
import math
import wave

from cases import check


def channels(path):
    """Sample rate, and the samples of each channel from -1 to 1."""
    with wave.open(str(path), "rb") as file:
        check(file.getsampwidth() == 2, f"{path}: not 16 bit")
        samples = array.array("h", file.readframes(file.getnframes()))
        count = file.getnchannels()
        return file.getframerate(), [[s / 32768 for s in samples[n::count]] for n in range(count)]


def level(samples):
    """Root mean square."""
    return math.sqrt(sum(s * s for s in samples) / max(1, len(samples)))


def tone(samples, rate, frequency):
    """How much of the energy is at this frequency: 0 to 1."""
    total = sum(s * s for s in samples)
    if not total:
        return 0.0
    step = -2j * math.pi * frequency / rate
    found = abs(sum(s * cmath.exp(step * n) for n, s in enumerate(samples)))
    return 2 * found * found / (len(samples) * total)


def loudest(samples, rate, frequency):
    """The greatest amplitude that a frequency has in any 100 ms, 0 to 1, by
    Goertzel's algorithm."""
    size, best = rate // 10, 0.0
    turn = 2 * math.pi * frequency / rate
    factor = 2 * math.cos(turn)
    for at in range(0, len(samples) - size + 1, size):
        last = before = 0.0
        for sample in samples[at:at + size]:
            last, before = sample + factor * last - before, last
        power = last * last + before * before - factor * last * before
        best = max(best, 2 * math.sqrt(max(power, 0.0)) / size)
    return best


def check_tone(path, channel, frequency, seconds):
    """The channel holds at least so many seconds of this tone, mostly."""
    rate, all_channels = channels(path)
    samples = all_channels[channel]
    blocks = [samples[at:at + rate // 2] for at in range(0, len(samples) - rate // 2, rate // 2)]
    good = [tone(block, rate, frequency) > 0.8 and level(block) > 0.05 for block in blocks]
    check(sum(good) / 2 >= seconds,
          f"{path}: channel {channel} holds {sum(good) / 2} s of {frequency} Hz, not {seconds} s")
