#!/usr/bin/env python3
"""A stranger's client library of the public API (wxc_sdk, from PyPI) does an administrator's and a
compliance officer's work at a node; nothing of it knows of callfork but the base URL.

    public_api.py BASE_URL ADMIN_TOKEN OFFICER_TOKEN USER_TOKEN PERSON LOCATION

The user has one live call, and records on demand."""
import sys
import time

import wxc_sdk.rest
from wxc_sdk import WebexSimpleApi
from wxc_sdk.person_settings.call_recording import NotificationType, Record
from wxc_sdk.rest import RestError
from wxc_sdk.telephony.call_recording import FailureBehavior

base, admin, officer, user, person, location = sys.argv[1:]
wxc_sdk.rest.RestSession.BASE = f"{base}/v1"


def check(condition, why):
    if not condition:
        sys.exit(f"the client library found: {why}")


def finish(api, job):
    """Waits until a job is over."""
    end = time.monotonic() + 20
    while (now := api.telephony.jobs.call_recording.status(job)).latest_execution_status != "COMPLETED":
        check(time.monotonic() < end, f"a job without an end: {now}")
        time.sleep(0.1)
    check(now.id == job and list(api.telephony.jobs.call_recording.errors(job)) == [], now)


def settings_of_organisation(api):
    settings = api.telephony.call_recording
    now = settings.read()
    check(now.enabled and now.vendor_id == "callfork" and now.organization.name, now)
    check(any(each.code == "US" for each in settings.get_call_recording_regions()), "no region US")
    terms = settings.read_terms_of_service("dubber")
    check(terms.vendor_name == "Dubber" and terms.terms_of_service_url.startswith("https://"), terms)
    vendors = settings.get_org_vendors()
    check(vendors.vendor_id == "callfork" and {"callfork", "dubber"} <= {each.id for each in vendors.vendors}, vendors)
    compliance = settings.read_org_compliance_announcement()
    compliance.inbound_pstncalls_enabled, compliance.delay_in_seconds = True, 7
    settings.update_org_compliance_announcement(compliance)
    check(settings.read_org_compliance_announcement() == compliance, "another compliance announcement")
    job = settings.set_org_vendor("callfork", failure_behavior=FailureBehavior.end_call_with_announcement)
    finish(api, job)
    users = [each.id for each in settings.list_org_users(max=1)]
    check(person in users and len(users) == len(set(users)), users)


def settings_of_location(api):
    settings = api.telephony.call_recording
    mine = settings.read_location_compliance_announcement(location)
    check(mine.use_org_settings_enabled is True, mine)
    settings.update_terms_of_service("imagicle", True)
    finish(api, settings.set_location_vendor(location, id="imagicle", org_default_enabled=False))
    vendors = settings.get_location_vendors(location)
    check((vendors.default_vendor_id, vendors.org_default_enabled) == ("imagicle", False), vendors)
    finish(api, settings.set_location_vendor(location, org_default_enabled=True))
    check(settings.get_location_vendors(location).org_default_enabled is True, "not back at the default")
    check(isinstance(list(settings.list_location_users(location, max_=1)), list), "no users")


def settings_of_person(api):
    settings = api.person_settings.call_recording
    mine = settings.read(person)
    check(mine.enabled and mine.record == Record.always.value, mine)
    mine.record = Record.always_with_pause_resume
    mine.notification.notification_type, mine.notification.enabled = NotificationType.beep, True
    mine.repeat.interval, mine.repeat.enabled = 30, True
    settings.configure(person, mine)
    check(settings.read(person).notification.notification_type == "Beep", "no beep")
    # The library says None by a null.
    mine.notification.notification_type, mine.notification.enabled = NotificationType.none, False
    settings.configure(person, mine)
    check(settings.read(person).notification.notification_type == "None", "null is not None")
    try:
        settings.configure(person, mine.model_copy(update={"repeat": mine.repeat.model_copy(update={"interval": 5})}))
        check(False, "an interval of 5 s was taken")
    except RestError as refused:
        check(refused.response.status_code == 400 and refused.detail.tracking_id, str(refused))


def recordings(officer_api):
    work = officer_api.converged_recordings
    found = list(work.list_for_admin_or_compliance_officer(max_=1))
    check(len(found) >= 2 and found[0].owner_id == person, found)
    one = found[0].id
    details = work.details(one)
    check(details.temporary_direct_download_links.audio_download_link.startswith("http"), details)
    meta = work.metadata(one)
    check(meta.owner_email and meta.service_data.session.start_time and meta.service_data.call_activity, meta)
    work.delete(one, reason="audit", comment="a test")
    check(work.details(one).status == "deleted", "it is not deleted")
    work.restore_recordings_from_recycle_bin(recording_ids=[one])
    work.move_recordings_into_the_recycle_bin(recording_ids=[one])
    work.purge_recordings_from_recycle_bin(recording_ids=[one])
    check(work.details(one).status == "purged", "it is not purged")


def controls(api):
    calls = api.telephony.calls
    for deed, state in ((calls.start_recording, "started"), (calls.pause_recording, "paused"),
                        (calls.resume_recording, "started"), (calls.stop_recording, "stopped")):
        deed()
        call, = calls.list_calls()
        check(call.recording_state == state and call.state == "connected", f"{state}: {call}")
    try:
        calls.pause_recording(call_id=call.call_id)
        check(False, "what is stopped was paused")
    except RestError as refused:
        check(refused.response.status_code == 409, str(refused))


def main():
    with (WebexSimpleApi(tokens=admin) as api, WebexSimpleApi(tokens=officer) as officer_api,
          WebexSimpleApi(tokens=user) as user_api):
        settings_of_organisation(api)
        settings_of_location(api)
        settings_of_person(api)
        recordings(officer_api)
        controls(user_api)
    return 0


if __name__ == "__main__":
    sys.exit(main())
