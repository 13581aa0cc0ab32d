"""The table of the oracle's cases."""
import cases_errors
import cases_media
import cases_recording
import cases_sdes
import cases_signalling

ALL = [*cases_signalling.CASES, *cases_media.CASES, *cases_sdes.CASES, *cases_recording.CASES,
       *cases_errors.CASES]

assert len({case.name for case in ALL}) == len(ALL)


def prepare(directory):
    """Files that cases name are made here."""
    cases_recording.write_beep(directory)
