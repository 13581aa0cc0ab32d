"""What stands beside the chart: documents, alerts, the image."""
import json
import pathlib
import re
import shutil
import subprocess

import yaml

import chart
from cases import ROOT, case, check
from chart import REGIONS, Release

METRIC = re.compile(r"\bcallfork_\w+")


def alerts(region):
    return Release(region, chart.all_of(region)).one("PrometheusRule")["spec"]


@case("every alert asks for metrics that nodes have")
def metrics(_):
    told = set(METRIC.findall((ROOT / "docs/operations.md").read_text()))
    for region in REGIONS:
        rules = [rule for group in alerts(region)["groups"] for rule in group["rules"]]
        for rule in rules:
            used = set(METRIC.findall(rule["expr"]))
            check(used and used <= told, f"{rule['alert']}: {used - told} is not in docs/operations.md")
            check(rule["labels"]["region"] == region and rule["annotations"]["summary"], f"{rule}")


def series(pod, **values):
    labels = f'namespace="telephony",pod="{pod}"'
    return [{"series": f"{name}{{{labels}{more}}}", "values": each}
            for name, (more, each) in values.items()]


@case("alerts fire for what they name, and not for a node that drains")
def fires(bench):
    folder = pathlib.Path(bench.folder)
    (folder / "rules.yaml").write_text(yaml.safe_dump(alerts("eu")))
    sick = series("callfork-0", callfork_ready=("", "0x20"), callfork_draining=("", "0x20"),
                  callfork_live=("", "0x20"), callfork_outbox_oldest_seconds=("", "100x20"),
                  callfork_events_total=(',outcome="rejected"', "0+1x20"))
    drains = series("callfork-1", callfork_ready=("", "0x20"), callfork_draining=("", "1x20"),
                    callfork_live=("", "1x20"), callfork_events_total=(',outcome="delivered"', "0+1x20"))
    def expected(name, severity, summary, **labels):
        return {"alertname": name, "eval_time": "10m", "exp_alerts": [
            {"exp_labels": {"severity": severity, "region": "eu", "namespace": "telephony", "pod": "callfork-0",
                            **labels}, "exp_annotations": {"summary": f"callfork-0{summary}"}}]}
    (folder / "test.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": [{
        "interval": "1m", "input_series": [*sick, *drains], "alert_rule_test": [
            expected("CallforkNotLive", "critical", ": threads stand still, or the call supervisor died"),
            expected("CallforkNotReady", "warning",
                     " takes no new calls, and was not told to stop; /readyz says why"),
            expected("CallforkEventsLate", "warning", ": an event waits for the log for more than a minute"),
            expected("CallforkEventsLost", "critical", " lost events", outcome="rejected"),
            {"alertname": "CallforkNearlyFull", "eval_time": "10m", "exp_alerts": []}]}]}))
    for words in (["check", "rules", "rules.yaml"], ["test", "rules", "test.yaml"]):
        status, output, errors = bench.run(["promtool", *words])
        check(status == 0, output + errors)


def leaves(values, where=""):
    for name, value in values.items():
        if isinstance(value, dict) and value and name != "resources":
            yield from leaves(value, f"{where}{name}.")
        else:
            yield where + name


@case("docs/kubernetes.md tells every value and no other")
def values(_):
    page = (ROOT / "docs/kubernetes.md").read_text()
    table = page.partition("## Values")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = [name for cell in cells for name in re.findall(r"`([\w.]+)`", cell)]
    there = list(leaves(yaml.safe_load((chart.CHART / "values.yaml").read_text())))
    check(sorted(told) == sorted(there), f"{set(told) ^ set(there)} is in one of docs and values.yaml alone")


@case("what docs/kubernetes.md installs is what the chart takes")
def recipe(_):
    page = (ROOT / "docs/kubernetes.md").read_text()
    values = yaml.safe_load(re.search(r"^```yaml\n(.*?)^```", page, re.M | re.S)[1])
    for kind, secret in re.findall(r"create secret (\w+) (\S+)", page):
        check(kind == "generic" and secret in str(values), f"nothing takes the Secret {secret}")
    status, _, errors = chart.helm("template", "callfork", str(chart.CHART), "--kube-version", chart.KUBERNETES[-1],
                                   *chart.of_region("us"), values=values)
    check(status == 0, errors)


@case("who installs a release is told its region and each node's line for Kamailio")
def notes(bench):
    copy = pathlib.Path(bench.folder) / "callfork"
    shutil.copytree(chart.CHART, copy)
    lines = (copy / "templates/NOTES.txt").read_text().splitlines()
    (copy / "templates/notes.yaml").write_text("kind: Notes\ntext: |\n" + "".join(f"  {line}\n" for line in lines))
    for region in REGIONS:
        status, output, errors = chart.helm("template", "callfork", str(copy), "--namespace", "telephony",
                                            "--kube-version", chart.KUBERNETES[-1], *chart.of_region(region),
                                            values={**chart.LEAST, "replicaCount": 3})
        check(status == 0, errors)
        told = next(each for each in yaml.safe_load_all(output) if each and each["kind"] == "Notes")["text"]
        check(f"region {region.upper()}: 3 node(s)" in told, told)
        named = re.findall(r"udp:callfork-(\d)\.callfork-nodes\.telephony\.svc:2223", told)
        check(named == ["0", "1", "2"], told)


@case("chart, program and image are of one version and agree on who runs what")
def image(_):
    about = yaml.safe_load((chart.CHART / "Chart.yaml").read_text())
    version = re.search(r"project\(callfork VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    check(about["appVersion"] == version, f"{about['appVersion']} and {version}")
    recipe = (ROOT / "deploy/image/Dockerfile").read_text()
    security = Release("us").pod["securityContext"]
    check(f"USER {security['runAsUser']}:{security['runAsGroup']}\n" in recipe, "the image runs as somebody else")
    check(f'ENTRYPOINT {json.dumps(Release("us").container["command"])}' in recipe, "another program")
    prompts = Release("us").options["media"]["prompts"]
    check(f"COPY media/prompts {prompts}\n" in recipe, "the image has no announcements")


def package_of(path):
    """The package that a library comes from; /lib is /usr/lib in Debian 12."""
    real = str(pathlib.Path(path).resolve())
    for each in (path, real, real.removeprefix("/usr")):
        found = subprocess.run(["dpkg", "-S", each], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    return None


@case("the image has the packages of all libraries that the programs ask for")
def libraries(bench):
    listed = {line.split("#")[0].strip() for line in (ROOT / "deploy/packages/run.txt").read_text().splitlines()}
    for program in (bench.callforkd, bench.callforkctl):
        asked = re.findall(r"NEEDED.*\[(.+)\]", subprocess.run(["readelf", "-d", program], capture_output=True,
                                                               text=True, check=True).stdout)
        places = dict(re.findall(r"(\S+) => (\S+)", subprocess.run(["ldd", program], capture_output=True, text=True,
                                                                   check=True).stdout))
        check(len(asked) > 10, f"{program}: {asked}")
        for library in asked:
            if re.match(r"lib(asan|ubsan|tsan)\.", library):  # Of builds for tests alone.
                continue
            package = package_of(places.get(library, library))
            check(package in listed, f"{program} needs {library} of {package}, which deploy/packages/run.txt lacks")
